package io.sriov.kube;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The environment and the command line of a process, read once by its configuration record.
 *
 * <p>Flags follow Go's syntax: {@code -name value}, {@code -name=value} and the same with two
 * dashes; a switch takes a value only with {@code =}. The last of several wins. An empty
 * environment variable counts as absent, because manifests set {@code value: ""} for "not used".
 */
public final class Settings {

  private final Map<String, String> environment;
  private final List<String> arguments;

  private Settings(Map<String, String> environment, List<String> arguments) {
    this.environment = environment;
    this.arguments = arguments;
  }

  /** Settings of a process started with {@code arguments}. */
  public static Settings of(Map<String, String> environment, String... arguments) {
    return new Settings(Map.copyOf(environment), new ArrayList<>(List.of(arguments)));
  }

  /** Value of an environment variable. */
  public Setting env(String name) {
    return new Setting("environment variable " + name, present(environment.get(name)));
  }

  /** Value of a flag; {@code name} without dashes. */
  public Setting flag(String name) {
    return new Setting("flag --" + name, Optional.ofNullable(take(name, true)));
  }

  /** Value of the flag if given, else of the environment variable. */
  public Setting flagOrEnv(String flag, String env) {
    var given = Optional.ofNullable(take(flag, true));
    return new Setting(
        "flag --" + flag + " or environment variable " + env,
        given.or(() -> present(environment.get(env))));
  }

  /**
   * Whether a switch is on: {@code --name} or {@code --name=true}. Call it before the flags that
   * take a value, so that a switch behind such a flag is not mistaken for its value.
   */
  public boolean onOff(String name) {
    var value = take(name, false);
    return value != null && new Setting("flag --" + name, Optional.of(value)).bool().orElse(false);
  }

  /**
   * To be called when every setting was read.
   *
   * @throws SettingException naming the first argument that nobody asked for
   */
  public void refuseRest() {
    if (!arguments.isEmpty()) {
      throw new SettingException(arguments.getFirst(), "unknown argument; see --help");
    }
  }

  private @Nullable String take(String name, boolean withValue) {
    String found = null;
    for (int i = 0; i < arguments.size(); ) {
      var argument = arguments.get(i);
      var stripped =
          argument.startsWith("--")
              ? argument.substring(2)
              : argument.startsWith("-") ? argument.substring(1) : "";
      if (stripped.startsWith(name + "=")) {
        found = stripped.substring(name.length() + 1);
        arguments.remove(i);
      } else if (stripped.equals(name)) {
        arguments.remove(i);
        if (!withValue) {
          found = "true";
        } else if (i < arguments.size()) {
          found = arguments.remove(i);
        } else {
          throw new SettingException("flag --" + name, "needs a value");
        }
      } else {
        i++;
      }
    }
    return found;
  }

  private static Optional<String> present(@Nullable String value) {
    return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
