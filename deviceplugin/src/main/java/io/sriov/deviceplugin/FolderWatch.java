package io.sriov.deviceplugin;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Tells of every change in some folders (inotify). */
final class FolderWatch implements AutoCloseable {

  private final WatchService inotify;
  private final ConcurrentHashMap<WatchKey, Event> folders = new ConcurrentHashMap<>();
  private final Consumer<Event> events;

  FolderWatch(Consumer<Event> events) throws IOException {
    this.inotify = FileSystems.getDefault().newWatchService();
    this.events = events;
    Thread unused = Thread.ofPlatform().name("folder-watch").daemon().start(this::watch);
  }

  /**
   * From now on each change in {@code folder} is told as {@code event}.
   *
   * @throws IOException when the folder does not exist
   */
  void add(Path folder, Event event) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("folder " + folder + " does not exist; is it mounted into the pod?");
    }
    var key =
        folder.register(
            inotify,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
    folders.put(key, event);
  }

  private void watch() {
    try {
      while (true) {
        var key = inotify.take();
        key.pollEvents();
        // Before the event is told, so that a change made meanwhile is told too.
        boolean valid = key.reset();
        var event = folders.get(key);
        if (event != null) {
          events.accept(valid ? event : new Event.Stop(1));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ClosedWatchServiceException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    inotify.close();
  }
}
