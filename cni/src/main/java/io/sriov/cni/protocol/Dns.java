package io.sriov.cni.protocol;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import java.util.ArrayList;
import java.util.List;

/** Name servers, as configurations and results carry them. */
public record Dns(
    List<String> nameservers, String domain, List<String> search, List<String> options) {

  public static final Dns NONE = new Dns(List.of(), "", List.of(), List.of());

  public static Dns of(Fields fields) throws JsonException {
    return new Dns(
        fields.texts("nameservers"),
        fields.text("domain"),
        fields.texts("search"),
        fields.texts("options"));
  }

  public boolean isEmpty() {
    return equals(NONE);
  }

  /** Without what is empty. */
  public Json json() {
    List<Json.Member> members = new ArrayList<>();
    add(members, "nameservers", nameservers);
    if (!domain.isEmpty()) {
      members.add(new Json.Member("domain", Json.of(domain)));
    }
    add(members, "search", search);
    add(members, "options", options);
    return new Json.Obj(members);
  }

  private static void add(List<Json.Member> members, String key, List<String> values) {
    if (!values.isEmpty()) {
      List<Json> items = new ArrayList<>();
      values.forEach(value -> items.add(Json.of(value)));
      members.add(new Json.Member(key, new Json.Arr(items)));
    }
  }
}
