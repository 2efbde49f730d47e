package io.sluice.bench.peer;

/** A peer whose tables statements can name. */
public interface SqlPeer extends Peer {
  String sqlName(Table table);

  /**
   * A table that holds what {@code filled} held after its first append, whatever was done to the one before; maybe itself.
   *
   * @param name for it, if it is another one
   */
  Table renewed(Table filled, String name);
}
