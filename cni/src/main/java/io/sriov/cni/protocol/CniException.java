package io.sriov.cni.protocol;

import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** An error with its CNI code, as it is printed for the runtime (CNI spec 1.1 "Error"). */
public final class CniException extends Exception {

  private static final long serialVersionUID = 1L;

  public static final int INCOMPATIBLE_VERSION = 1;
  public static final int INVALID_ENVIRONMENT = 4;
  public static final int IO_FAILURE = 5;
  public static final int DECODING_FAILURE = 6;
  public static final int INVALID_CONFIG = 7;
  public static final int INVALID_NETNS = 8;
  public static final int TRY_AGAIN_LATER = 11;
  public static final int NOT_AVAILABLE = 50;

  /** Every error of the plugin itself. */
  public static final int INTERNAL = 999;

  private final int code;
  private final String details;

  public CniException(int code, String message) {
    this(code, message, "");
  }

  public CniException(int code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** An error of the plugin itself. */
  public static CniException internal(String message) {
    return new CniException(INTERNAL, message);
  }

  /** An error of the plugin itself, caused by another. */
  public static CniException internal(String doing, Exception cause) {
    CniException e = new CniException(INTERNAL, doing + ": " + cause.getMessage());
    e.initCause(cause);
    return e;
  }

  public int code() {
    return code;
  }

  public String details() {
    return details;
  }

  /**
   * The error document, indented by four spaces.
   *
   * @param cniVersion version of the configuration, left out if empty
   */
  public String document(String cniVersion) {
    List<Json.Member> members = new ArrayList<>();
    if (!cniVersion.isEmpty()) {
      members.add(new Json.Member("cniVersion", Json.of(cniVersion)));
    }
    members.add(new Json.Member("code", Json.of(code)));
    members.add(new Json.Member("msg", Json.of(String.valueOf(getMessage()))));
    if (!details.isEmpty()) {
      members.add(new Json.Member("details", Json.of(details)));
    }
    return JsonWriter.indented(new Json.Obj(members));
  }
}
