package io.sriov.plan.network;

/**
 * Re-indents JSON text without reading it into values: numbers, strings, the order of members and
 * even duplicate members stay as written, because the text is compared with what is stored.
 *
 * <p>Four blanks a level, one blank after a colon, {@code {}} and {@code []} for empty ones: the
 * form upstream writes (spec 02 §4.1).
 */
final class JsonText {

  private static final int DEEPEST = 200;

  private final String text;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int depth;

  private JsonText(String text) {
    this.text = text;
  }

  /**
   * @throws NetworkError when {@code text} is not exactly one JSON value; the message says where
   */
  static String indent(String text) throws NetworkError {
    JsonText json = new JsonText(text);
    json.value();
    json.blanks();
    if (json.at < text.length()) {
      throw json.unexpected();
    }
    return json.out.toString();
  }

  private void value() throws NetworkError {
    blanks();
    if (++depth > DEEPEST) {
      throw new NetworkError("nested deeper than " + DEEPEST);
    }
    switch (peek()) {
      case '{' -> members('{', '}', true);
      case '[' -> members('[', ']', false);
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
    depth--;
  }

  private void members(char open, char close, boolean named) throws NetworkError {
    take(open);
    blanks();
    if (peek() == close) {
      take(close);
      return;
    }
    while (true) {
      line(depth);
      if (named) {
        blanks();
        string();
        blanks();
        take(':');
        out.append(' ');
      }
      value();
      blanks();
      if (peek() != ',') {
        break;
      }
      take(',');
    }
    line(depth - 1);
    take(close);
  }

  private void string() throws NetworkError {
    take('"');
    while (peek() != '"') {
      if (peek() < ' ') {
        throw unexpected();
      }
      if (peek() == '\\') {
        escape();
      } else {
        take(peek());
      }
    }
    take('"');
  }

  private void escape() throws NetworkError {
    take('\\');
    if (peek() == 'u') {
      take('u');
      for (int i = 0; i < 4; i++) {
        if (Character.digit(peek(), 16) < 0 || peek() > 'f') {
          throw unexpected();
        }
        take(peek());
      }
    } else if ("\"\\/bfnrt".indexOf(peek()) >= 0) {
      take(peek());
    } else {
      throw unexpected();
    }
  }

  private void number() throws NetworkError {
    if (peek() == '-') {
      take('-');
    }
    if (peek() == '0') {
      take('0');
    } else {
      digits();
    }
    if (peek() == '.') {
      take('.');
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      take(peek());
      if (peek() == '+' || peek() == '-') {
        take(peek());
      }
      digits();
    }
  }

  private void digits() throws NetworkError {
    if (peek() < '0' || peek() > '9') {
      throw unexpected();
    }
    while (peek() >= '0' && peek() <= '9') {
      take(peek());
    }
  }

  private void word(String word) throws NetworkError {
    for (char c : word.toCharArray()) {
      take(c);
    }
  }

  private void take(char wanted) throws NetworkError {
    if (at >= text.length() || text.charAt(at) != wanted) {
      throw unexpected();
    }
    out.append(wanted);
    at++;
  }

  /** The next character, or NUL at the end: no JSON text has one outside an escape. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void blanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void line(int level) {
    out.append('\n').append("    ".repeat(level));
  }

  private NetworkError unexpected() {
    return new NetworkError(
        at >= text.length()
            ? "ends too early"
            : "unexpected '%c' at offset %d".formatted(text.charAt(at), at));
  }
}
