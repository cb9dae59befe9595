package io.sriov.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes come: a value, or EBADMSG. {@code -Dfuzz.seconds=600} for a long run, {@code
 * -Dfuzz.seed=N} for another one.
 */
class CorruptInputTest {

  private static final int RUNS = 20_000;
  private static final long SEED = Long.getLong("fuzz.seed", 42L);

  private interface Parser {
    Object parse(ByteBuffer in) throws LinuxException;
  }

  private static final List<Parser> PARSERS =
      List.of(
          CorruptInputTest::wholeMessages,
          Link::parse,
          LinkAddress::parse,
          Route::parse,
          in -> VfInfo.parse(in, 6),
          in -> VfInfo.parse(in, 20),
          DevlinkPort::parse,
          DevlinkSocket::readMode,
          DevlinkParam::parse,
          DevlinkParam::parseFlag,
          in -> DevlinkInfo.running(in, "fw.app.name"),
          in -> EthtoolSocket.read(in, "hw-tc-offload"),
          VdpaSocket.Device::parse,
          RdmaDevice::parse,
          RdmaSocket::readMode);

  @Test
  void neverCrashesTheParsers() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    List<byte[]> seeds =
        List.of(
            Fixture.bytes("link-veth.hex"),
            Fixture.bytes("addresses.hex"),
            Fixture.bytes("routes.hex"),
            Fixture.bytes("error-mtu.hex"),
            Fixture.bytes("vf-info.hex"));
    int rejected = 0;
    long ends = System.nanoTime() + 1_000_000_000L * Integer.getInteger("fuzz.seconds", 0);
    for (long run = 0; run < RUNS || System.nanoTime() < ends; run++) {
      byte[] input = mutated(seeds.get(random.nextInt(seeds.size())), random);
      int skipped = random.nextInt(3) * 16;
      for (Parser parser : PARSERS) {
        ByteBuffer in = Fixture.buffer(input).slice().order(java.nio.ByteOrder.nativeOrder());
        in.position(Math.min(in.limit(), skipped));
        try {
          assertThat(parser.parse(in)).isNotNull();
        } catch (LinuxException e) {
          assertThat(e.error()).isEqualTo(Errno.EBADMSG);
          rejected++;
        } catch (RuntimeException e) {
          fail("seed %d, run %d: %s".formatted(SEED, run, HexFormat.of().formatHex(input)), e);
        }
      }
    }
    assertThat(rejected).as("mutations that hit something").isGreaterThan(RUNS / 10);
  }

  private static Object wholeMessages(ByteBuffer in) throws LinuxException {
    var events = new ArrayDeque<RouteEvent>();
    RouteEvents.parse(in.duplicate().order(in.order()), events);
    while (in.hasRemaining()) {
      int start = in.position();
      MessageHeader header = MessageHeader.parse(in);
      ByteBuffer payload =
          in.slice(start + MessageHeader.SIZE, header.length() - MessageHeader.SIZE)
              .order(in.order());
      in.position(Math.min(in.limit(), start + Attribute.aligned(header.length())));
      if (header.type() == MessageHeader.ERROR || header.type() == MessageHeader.DONE) {
        assertThat(ErrorMessage.parse(header, payload)).isNotNull();
      }
    }
    return events;
  }

  private static byte[] mutated(byte[] original, RandomGenerator random) {
    byte[] bytes = original.clone();
    if (random.nextInt(4) == 0) {
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }
    for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
      // Half of the hits near the front, where lengths and types are.
      int at = random.nextInt(random.nextBoolean() ? Math.min(64, bytes.length) : bytes.length);
      bytes[at] = (byte) random.nextInt();
    }
    return bytes;
  }
}
