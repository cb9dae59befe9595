package io.sriov.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people what happened to an object, through {@code events.k8s.io/v1}.
 *
 * <p>Events are sent in the background, best effort: they never delay or fail what they tell of.
 * The same news again within ten minutes becomes one event with a growing {@code series.count}, and
 * an object that has used up its allowance of {@value EventBudget#BURST} events gets one more every
 * {@value EventBudget#SECONDS_PER_EVENT} s.
 */
public final class Events implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Events.class);

  /** Limit of the API server, in bytes. */
  private static final int MAX_NOTE = 1024;

  /** Same news after this long is a new event. */
  private static final Duration SERIES_ENDS_AFTER = Duration.ofMinutes(10);

  /** At most one patch of a series in this time. */
  private static final Duration SERIES_PATCH_INTERVAL = Duration.ofSeconds(10);

  private static final int REMEMBERED = 500;

  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final Clock clock;
  private final String reporter;
  private final String instance;
  private final EventBudget budget;
  private final Map<News, Series> sent =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<News, Series> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final ThreadPoolExecutor sender;
  private long lastStamp;

  /**
   * @param reporter a qualified name, e.g. {@code sriov-network-operator}
   * @param instance which of several, e.g. the pod's or node's name
   */
  public Events(KubernetesClient client, Clock clock, String reporter, String instance) {
    this.client = client;
    this.clock = clock;
    this.reporter = reporter;
    this.instance = instance;
    this.budget = new EventBudget(clock);
    this.sender =
        new ThreadPoolExecutor(
            0,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(2048),
            Thread.ofPlatform().daemon().name("events").factory(),
            (task, executor) -> log.warn("An event is dropped: too many wait to be sent"));
  }

  /** Something went as it should. */
  public void normal(HasMetadata regarding, String reason, String action, String note) {
    record("Normal", regarding, reason, action, note);
  }

  /** Something needs attention. */
  public void warning(HasMetadata regarding, String reason, String action, String note) {
    record("Warning", regarding, reason, action, note);
  }

  /** Waits up to 2 s for what is still to be sent. */
  @Override
  public void close() {
    sender.shutdown();
    try {
      if (!sender.awaitTermination(2, TimeUnit.SECONDS)) {
        sender.shutdownNow();
      }
    } catch (InterruptedException e) {
      sender.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private record News(
      String type, ObjectReference regarding, String reason, String action, String note) {}

  /** An event on the API server and how often its news was told since. */
  private static final class Series {
    final String namespace;
    final String name;
    int count = 1;
    Instant last;
    Instant patched;

    Series(String namespace, String name, Instant now) {
      this.namespace = namespace;
      this.name = name;
      this.last = now;
      this.patched = now;
    }
  }

  private void record(
      String type, HasMetadata regarding, String reason, String action, String note) {
    var news = new News(type, referenceTo(regarding), reason, action, shortened(note));
    sender.execute(() -> {
      try {
        send(news, clock.instant());
      } catch (KubernetesClientException e) {
        log.atWarn()
            .addKeyValue("reason", reason)
            .addKeyValue("object", news.regarding().getName())
            .log("An event could not be sent: {}", e.getMessage());
      }
    });
  }

  /**
   * Runs on the one thread of {@link #sender}, which guards {@link #sent} and {@link #lastStamp}.
   */
  private void send(News news, Instant now) {
    var series = sent.get(news);
    if (series != null && series.last.plus(SERIES_ENDS_AFTER).isAfter(now)) {
      series.count++;
      series.last = now;
      if (!series.patched.plus(SERIES_PATCH_INTERVAL).isAfter(now)) {
        series.patched = now;
        patch(series);
      }
      return;
    }
    if (!budget.allows(news.regarding())) {
      log.debug("Event {} about {} held back", news.reason(), news.regarding().getName());
      return;
    }
    var event = client.events().v1().events().resource(eventOf(news, now)).create();
    sent.put(
        news, new Series(event.getMetadata().getNamespace(), event.getMetadata().getName(), now));
  }

  private void patch(Series series) {
    // Of an object at hand: the client would read one known by name first, for which there is no
    // right and no need.
    var event =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(series.namespace)
            .withName(series.name)
            .endMetadata()
            .build();
    client
        .resource(event)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client
                .getKubernetesSerialization()
                .asJson(
                    Map.of(
                        "series",
                        Map.of(
                            "count",
                            series.count,
                            "lastObservedTime",
                            MICRO_TIME.format(series.last)))));
  }

  private Event eventOf(News news, Instant now) {
    var namespace = news.regarding().getNamespace();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(namespace == null ? "default" : namespace)
        .withName(news.regarding().getName() + "." + uniqueSuffix(now))
        .endMetadata()
        .withEventTime(new MicroTime(MICRO_TIME.format(now)))
        .withReportingController(reporter)
        .withReportingInstance(instance)
        .withType(news.type())
        .withReason(news.reason())
        .withAction(news.action())
        .withNote(news.note())
        .withRegarding(news.regarding())
        .build();
  }

  /** The time in nanoseconds, as kubectl shows it for others; clocks tick more coarsely. */
  private String uniqueSuffix(Instant now) {
    lastStamp = Math.max(lastStamp + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
    return Long.toHexString(lastStamp);
  }

  private static ObjectReference referenceTo(HasMetadata object) {
    return new ObjectReferenceBuilder()
        .withApiVersion(object.getApiVersion())
        .withKind(object.getKind())
        .withNamespace(object.getMetadata().getNamespace())
        .withName(object.getMetadata().getName())
        .withUid(object.getMetadata().getUid())
        .build();
  }

  /** At most {@link #MAX_NOTE} bytes of UTF-8, cut between characters. */
  static String shortened(String note) {
    var bytes = note.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_NOTE) {
      return note;
    }
    int end = MAX_NOTE - "…".getBytes(StandardCharsets.UTF_8).length;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8) + "…";
  }
}
