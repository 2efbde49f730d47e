/**
 * The format {@code DELTA}, as many spell it: class names know upper from lower case, provider names do not. Spark takes
 * a name that no data source has registered for a class, too; a package DELTA would meet the package delta on file
 * systems that do not tell them apart.
 */
public class DELTA extends delta.DefaultSource {}
