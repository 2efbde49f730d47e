package io.sluice.spark.faults;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.SluiceThrowable;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.function.ThrowingRunnable;

/** Errors as users meet them: often inside Spark's own. */
public final class Failures {
    private Failures() {}

    /** The write fails with this very type and error class; returns it for more to be said about it. */
    public static <E extends SluiceThrowable> E assertFails(Class<E> type, String errorClass, ThrowingRunnable write) {
        return assertFails("", type, errorClass, write);
    }

    /** The same; {@code what} is said when it is not so. */
    public static <E extends SluiceThrowable> E assertFails(
            String what, Class<E> type, String errorClass, ThrowingRunnable write) {
        Throwable thrown = assertThrows(what, Throwable.class, write);
        SluiceThrowable failure = find(SluiceThrowable.class, thrown);
        assertEquals(what + ": " + thrown, type, failure.getClass());
        assertEquals(what, errorClass, failure.getCondition());
        assertTrue(failure.getMessage(), failure.getMessage().startsWith("[" + errorClass + "] Cannot "));
        return type.cast(failure);
    }

    /** The first of its type among {@code thrown} and its causes. */
    public static <E> E find(Class<E> type, Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).filter(type::isInstance).map(type::cast)
                .findFirst().orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in it", thrown));
    }
}
