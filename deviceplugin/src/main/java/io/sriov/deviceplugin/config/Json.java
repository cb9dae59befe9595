package io.sriov.deviceplugin.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** A JSON value that keeps the order and the repetition of keys, which Go's decoder looks at. */
sealed interface Json {

  record Null() implements Json {}

  record Bool(boolean value) implements Json {}

  record Number() implements Json {}

  record Text(String value) implements Json {}

  record Array(List<Json> items) implements Json {}

  record Obj(List<Member> members) implements Json {}

  record Member(String key, Json value) {}

  /** As the user would call it in an error. */
  default String kind() {
    return switch (this) {
      case Null _ -> "null";
      case Bool _ -> "a boolean";
      case Number _ -> "a number";
      case Text _ -> "a string";
      case Array _ -> "a list";
      case Obj _ -> "an object";
    };
  }

  /** One value and nothing behind it. */
  static Json parse(String text) throws ConfigException {
    try (var parser = new JsonFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        throw ConfigException.malformed("it is empty");
      }
      var value = value(parser);
      if (parser.nextToken() != null) {
        throw ConfigException.malformed(
            "there is more after the end of the JSON value, at line "
                + parser.currentTokenLocation().getLineNr());
      }
      return value;
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw ConfigException.malformed(
          e.getOriginalMessage() + (at == null ? "" : " (line " + at.getLineNr() + ")"));
    } catch (IOException e) {
      throw new UncheckedIOException("reading a string does not fail", e);
    }
  }

  private static Json value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> new Null();
      case VALUE_TRUE -> new Bool(true);
      case VALUE_FALSE -> new Bool(false);
      case VALUE_STRING -> new Text(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Number();
      case START_ARRAY -> {
        var items = new ArrayList<Json>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield new Array(items);
      }
      case START_OBJECT -> {
        var members = new ArrayList<Member>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          var key = parser.currentName();
          parser.nextToken();
          members.add(new Member(key, value(parser)));
        }
        yield new Obj(members);
      }
      case NOT_AVAILABLE, END_ARRAY, END_OBJECT, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException(
              "the parser starts a value with " + parser.currentToken());
    };
  }
}
