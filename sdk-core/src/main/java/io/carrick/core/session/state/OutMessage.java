package io.carrick.core.session.state;

/** One message, or one end, that waits in the out-queue of its exchange. */
public final class OutMessage {

  public static final byte[] NO_BYTES = {};

  /** What it becomes on the wire. */
  enum Form {
    OPEN,
    ITEM,
    /** An ITEM without a message: the end of a side, or the acceptance of a subscription. */
    BARE,
    ERROR
  }

  final Form form;
  final byte[] head;
  final byte[] payload;
  final boolean last;
  final long missed;
  int sent;
  boolean started;

  private OutMessage(Form form, byte[] head, byte[] payload, boolean last, long missed) {
    this.form = form;
    this.head = head;
    this.payload = payload;
    this.last = last;
    this.missed = missed;
  }

  static OutMessage open(byte[] head, byte[] payload) {
    return new OutMessage(Form.OPEN, head, payload, false, 0);
  }

  public static OutMessage item(byte[] head, byte[] payload, boolean last, long missed) {
    return new OutMessage(Form.ITEM, head, payload, last, missed);
  }

  static OutMessage bare(boolean last) {
    return new OutMessage(Form.BARE, NO_BYTES, NO_BYTES, last, 0);
  }

  static OutMessage error(byte[] body) {
    return new OutMessage(Form.ERROR, body, NO_BYTES, true, 0);
  }

  boolean isData() {
    return form == Form.OPEN || form == Form.ITEM;
  }

  int remaining() {
    return payload.length - sent;
  }
}
