package io.carrick.core.frame;

import com.google.protobuf.ByteString;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Header;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Open;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The same frame in our words and in those of the generated classes. */
final class Mirror {

  private Mirror() {}

  /** Encodes with {@link FrameWriter} what a generated frame holds. */
  static byte[] encode(Frame f) {
    return switch (f.getBodyCase()) {
      case OPEN -> open(f.getSeq(), f.getOpen());
      case ITEM -> item(f.getSeq(), f.getItem());
      case ERROR -> {
        io.carrick.wire.v1.Error e = f.getError();
        Map<String, String> details = new LinkedHashMap<>();
        e.getDetailsList().forEach(d -> details.put(d.getName(), d.getValue()));
        yield sequenced(
            f,
            FrameWriter.error(
                e.getExchange(), e.getCode(), e.getMessage(), details, e.getNotDelivered()));
      }
      case CANCEL ->
          sequenced(f, FrameWriter.cancel(f.getCancel().getExchange(), f.getCancel().getCode()));
      case CREDIT ->
          sequenced(
              f,
              FrameWriter.credit(
                  f.getCredit().getExchange(),
                  f.getCredit().getBytes(),
                  f.getCredit().getItems(),
                  f.getCredit().getStopSending()));
      case NOTICE ->
          sequenced(
              f,
              FrameWriter.notice(
                  f.getNotice().getEndpointsList(),
                  f.getNotice().getMove(),
                  f.getNotice().getDraining(),
                  f.getNotice().getToken(),
                  f.getNotice().getTokenWanted()));
      case FIN -> sequenced(f, FrameWriter.fin(f.getFin().getCode(), f.getFin().getMessage()));
      case ACK ->
          FrameWriter.ack(f.getAck().getCum(), f.getAck().getCalls(), f.getAck().getStreams());
      case PING -> FrameWriter.ping(f.getPing().getToken(), f.getPing().getSent());
      case PONG -> FrameWriter.pong(f.getPong().getToken(), f.getPong().getCum());
      case PATH_CLOSE ->
          FrameWriter.pathClose(
              f.getPathClose().getReason(), f.getPathClose().getOver(), f.getPathClose().getCode());
      case HELLO -> FrameWriter.hello(hello(f.getHello()));
      case WELCOME -> FrameWriter.welcome(welcome(f.getWelcome()));
      case REJECT ->
          FrameWriter.reject(
              new Reject(
                  array(f.getReject().getInstance()),
                  f.getReject().getCode(),
                  f.getReject().getMessage()));
      case RESUME -> FrameWriter.resume(resume(f.getResume()));
      case CHALLENGE ->
          FrameWriter.challenge(
              new Challenge(
                  array(f.getChallenge().getNonce()), array(f.getChallenge().getPathNonce())));
      case PROOF -> FrameWriter.proof(new Proof(array(f.getProof().getMac())));
      case RESUMED ->
          FrameWriter.resumed(
              new Resumed(
                  f.getResumed().getEpoch(),
                  f.getResumed().getCum(),
                  array(f.getResumed().getMac())));
      case BODY_NOT_SET -> throw new AssertionError("no body");
    };
  }

  private static byte[] sequenced(Frame f, byte[] body) {
    ByteBuffer out = ByteBuffer.allocate(FrameWriter.sequencedSize(f.getSeq(), body));
    FrameWriter.sequenced(out, f.getSeq(), body);
    return full(out);
  }

  private static byte[] full(ByteBuffer out) {
    if (out.hasRemaining()) {
      throw new AssertionError(out.remaining() + " of the bytes foretold were not written");
    }
    return out.array();
  }

  private static byte[] open(long seq, Open o) {
    byte[] head =
        FrameWriter.openHead(
            Kind.of(o.getKindValue()),
            o.getTopic(),
            o.getTimeoutMillis(),
            Priority.values()[o.getPriorityValue()],
            o.getItems(),
            headers(o.getHeadersList()),
            o.getContentType(),
            OverflowPolicy.values()[o.getOverflowValue()],
            o.getAcceptList(),
            o.getEncoding());
    byte[] payload = array(ByteString.copyFromUtf8("ab").concat(o.getPayload()));
    int bytes = payload.length - 2;
    ByteBuffer out =
        ByteBuffer.allocate(
            FrameWriter.openSize(seq, o.getExchange(), head, o.getLength(), o.getMore(), bytes));
    FrameWriter.open(
        out, seq, o.getExchange(), head, o.getLength(), o.getMore(), payload, 2, bytes);
    return full(out);
  }

  private static byte[] item(long seq, Item i) {
    byte[] head =
        FrameWriter.itemHead(
            i.getTopic(), headers(i.getHeadersList()), i.getContentType(), i.getEncoding());
    byte[] payload = array(ByteString.copyFromUtf8("ab").concat(i.getPayload()));
    int bytes = payload.length - 2;
    ByteBuffer out =
        ByteBuffer.allocate(
            FrameWriter.itemSize(
                seq,
                i.getExchange(),
                i.getLast(),
                i.getPresent(),
                head,
                i.getLength(),
                i.getMore(),
                i.getMissed(),
                bytes));
    FrameWriter.item(
        out,
        seq,
        i.getExchange(),
        i.getLast(),
        i.getPresent(),
        head,
        i.getLength(),
        i.getMore(),
        i.getMissed(),
        payload,
        2,
        bytes);
    return full(out);
  }

  private static Headers headers(List<Header> list) {
    List<Headers.Entry> entries = new ArrayList<>();
    list.forEach(h -> entries.add(new Headers.Entry(h.getName(), h.getValue())));
    return Headers.of(entries);
  }

  private static byte[] array(ByteString bytes) {
    return bytes.toByteArray();
  }

  private static ReceiveLimits limits(io.carrick.wire.v1.Limits l) {
    return new ReceiveLimits(
        l.getMaxMessageBytes(), l.getInitialBytes(), l.getCalls(), l.getStreams());
  }

  private static Hello hello(io.carrick.wire.v1.Hello h) {
    return new Hello(
        Integer.toUnsignedLong(h.getMinVersion()),
        Integer.toUnsignedLong(h.getMaxVersion()),
        array(h.getInstance()),
        h.getService(),
        h.getExpectedService(),
        array(h.getNonce()),
        array(h.getKeyShare()),
        limits(h.getLimits()),
        h.getContentTypesList(),
        h.getEncodingsList(),
        Integer.toUnsignedLong(h.getFloor()),
        h.getToken(),
        Integer.toUnsignedLong(h.getResumeMs()));
  }

  private static Welcome welcome(io.carrick.wire.v1.Welcome w) {
    return new Welcome(
        Integer.toUnsignedLong(w.getVersion()),
        array(w.getInstance()),
        w.getService(),
        array(w.getSession()),
        array(w.getNonce()),
        array(w.getKeyShare()),
        limits(w.getLimits()),
        w.getContentTypesList(),
        w.getEncodingsList(),
        Integer.toUnsignedLong(w.getFloor()),
        w.getEndpointsList(),
        array(w.getMac()),
        array(w.getHost()),
        Integer.toUnsignedLong(w.getRedialMs()),
        w.getIdentityRequired());
  }

  private static Resume resume(io.carrick.wire.v1.Resume r) {
    return new Resume(
        array(r.getSession()),
        array(r.getClientInstance()),
        array(r.getServerInstance()),
        r.getEpoch(),
        array(r.getNonce()),
        r.getPathKind(),
        r.getCum());
  }

  /** Everything that the parser found, as a generated frame. */
  static Frame read(FrameParser p) throws MalformedFrameException {
    Frame.Builder f = Frame.newBuilder().setSeq(p.seq());
    switch (p.type()) {
      case OPEN -> readOpen(p, f.getOpenBuilder());
      case ITEM -> readItem(p, f.getItemBuilder());
      case ERROR -> {
        f.getErrorBuilder()
            .setExchange(p.exchange())
            .setCode(p.code())
            .setMessage(p.message())
            .setNotDelivered(p.notDelivered());
        p.details().forEach((name, value) -> f.getErrorBuilder().addDetails(header(name, value)));
      }
      case CANCEL -> f.getCancelBuilder().setExchange(p.exchange()).setCode(p.code());
      case CREDIT ->
          f.getCreditBuilder()
              .setExchange(p.exchange())
              .setBytes(p.bytes())
              .setItems(p.items())
              .setStopSending(p.stopSending());
      case NOTICE ->
          f.getNoticeBuilder()
              .addAllEndpoints(p.endpoints())
              .setMove(p.move())
              .setDraining(p.draining())
              .setToken(p.newToken())
              .setTokenWanted(p.tokenWanted());
      case FIN -> f.getFinBuilder().setCode(p.code()).setMessage(p.message());
      case ACK -> f.getAckBuilder().setCum(p.cum()).setCalls(p.calls()).setStreams(p.streams());
      case PING -> f.getPingBuilder().setToken(p.token()).setSent(p.sent());
      case PONG -> f.getPongBuilder().setToken(p.token()).setCum(p.cum());
      case PATH_CLOSE ->
          f.getPathCloseBuilder().setReason(p.message()).setOver(p.over()).setCode(p.code());
      case HELLO -> readHello(p.hello(), f.getHelloBuilder());
      case WELCOME -> readWelcome(p.welcome(), f.getWelcomeBuilder());
      case REJECT ->
          f.getRejectBuilder()
              .setInstance(string(p.reject().instance()))
              .setCode(p.reject().code())
              .setMessage(p.reject().message());
      case RESUME -> readResume(p.resume(), f.getResumeBuilder());
      case CHALLENGE ->
          f.getChallengeBuilder()
              .setNonce(string(p.challenge().nonce()))
              .setPathNonce(string(p.challenge().pathNonce()));
      case PROOF -> f.getProofBuilder().setMac(string(p.proof().mac()));
      case RESUMED ->
          f.getResumedBuilder()
              .setEpoch(p.resumed().epoch())
              .setCum(p.resumed().cum())
              .setMac(string(p.resumed().mac()));
      case UNKNOWN -> {}
    }
    return f.build();
  }

  private static ByteString string(byte[] bytes) {
    return ByteString.copyFrom(bytes);
  }

  private static Header header(String name, String value) {
    return Header.newBuilder().setName(name).setValue(value).build();
  }

  private static ByteString payload(FrameParser p) {
    byte[] payload = new byte[p.payloadLength()];
    p.copyPayload(payload, 0);
    return string(payload);
  }

  private static void readOpen(FrameParser p, Open.Builder open) {
    open.setExchange(p.exchange())
        .setKindValue(p.knownKind() ? p.kind().number() : 0)
        .setTopic(p.topic())
        .setTimeoutMillis(p.timeoutMillis())
        .setPriorityValue(p.priority().ordinal())
        .setItems(p.items())
        .setContentType(p.contentType())
        .setOverflowValue(p.overflow().ordinal())
        .addAllAccept(p.accept())
        .setLength(p.length())
        .setMore(p.more())
        .setEncoding(p.encoding())
        .setPayload(payload(p));
    p.headers().entries().forEach(e -> open.addHeaders(header(e.name(), e.value())));
  }

  private static void readItem(FrameParser p, Item.Builder item) {
    item.setExchange(p.exchange())
        .setLast(p.last())
        .setPresent(p.present())
        .setTopic(p.topic())
        .setContentType(p.contentType())
        .setLength(p.length())
        .setMore(p.more())
        .setEncoding(p.encoding())
        .setMissed(p.missed())
        .setPayload(payload(p));
    p.headers().entries().forEach(e -> item.addHeaders(header(e.name(), e.value())));
  }

  private static io.carrick.wire.v1.Limits limits(ReceiveLimits l) {
    return io.carrick.wire.v1.Limits.newBuilder()
        .setMaxMessageBytes(l.maxMessageBytes())
        .setInitialBytes(l.initialBytes())
        .setCalls(l.calls())
        .setStreams(l.streams())
        .build();
  }

  private static void readHello(Hello h, io.carrick.wire.v1.Hello.Builder hello) {
    hello
        .setMinVersion((int) h.minVersion())
        .setMaxVersion((int) h.maxVersion())
        .setInstance(string(h.instance()))
        .setService(h.service())
        .setExpectedService(h.expectedService())
        .setNonce(string(h.nonce()))
        .setKeyShare(string(h.keyShare()))
        .setLimits(limits(h.limits()))
        .addAllContentTypes(h.contentTypes())
        .addAllEncodings(h.encodings())
        .setFloor((int) h.floor())
        .setToken(h.token())
        .setResumeMs((int) h.resumeMillis());
  }

  private static void readWelcome(Welcome w, io.carrick.wire.v1.Welcome.Builder welcome) {
    welcome
        .setVersion((int) w.version())
        .setInstance(string(w.instance()))
        .setService(w.service())
        .setSession(string(w.session()))
        .setNonce(string(w.nonce()))
        .setKeyShare(string(w.keyShare()))
        .setLimits(limits(w.limits()))
        .addAllContentTypes(w.contentTypes())
        .addAllEncodings(w.encodings())
        .setFloor((int) w.floor())
        .addAllEndpoints(w.endpoints())
        .setMac(string(w.mac()))
        .setHost(string(w.host()))
        .setRedialMs((int) w.redialMillis())
        .setIdentityRequired(w.identityRequired());
  }

  private static void readResume(Resume r, io.carrick.wire.v1.Resume.Builder resume) {
    resume
        .setSession(string(r.session()))
        .setClientInstance(string(r.clientInstance()))
        .setServerInstance(string(r.serverInstance()))
        .setEpoch(r.epoch())
        .setNonce(string(r.nonce()))
        .setPathKind(r.pathKind())
        .setCum(r.cum());
  }
}
