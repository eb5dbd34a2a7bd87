import Fixtures
import Reflection
import Testing
import Wire

@Suite("What is refused, and where") struct RefusalTests {
  private func refusal(
    _ type: String,
    _ json: String,
    limits: CodecLimits = .defaults
  ) throws -> String {
    do {
      return "encoded: \(try Catalogs.codec(type, limits: limits).encode(json))"
    } catch let failure as CodecFailure {
      return failure.description
    }
  }

  @Test(
    "Values of another kind, or beyond a type",
    arguments: [
      (#"{"an_int32":2147483648}"#, "an_int32: 2147483648 is beyond what an int32 can be"),
      (#"{"an_int32":1.5}"#, "an_int32: 1.5 is not a whole number"),
      (#"{"an_int32":1e-400}"#, "an_int32: 1e-400 is not a whole number"),
      (#"{"an_int32":"x"}"#, "an_int32: expected a whole number, not the text \"x\""),
      (#"{"an_int32":" 1"}"#, "an_int32: expected a whole number, not the text \" 1\""),
      (#"{"an_int32":true}"#, "an_int32: expected a whole number, not true"),
      (#"{"an_int32":[1]}"#, "an_int32: expected a whole number, not a list"),
      (
        #"{"an_int64":9223372036854775808}"#,
        "an_int64: 9223372036854775808 is beyond what an int64 can be"
      ),
      (#"{"a_uint64":-1}"#, "a_uint64: -1 is beyond what a uint64 can be"),
      (#"{"a_uint64":1e99999999999}"#, "a_uint64: 1e99999999999 is beyond what a uint64 can be"),
      (#"{"a_uint32":"4294967296"}"#, "a_uint32: 4294967296 is beyond what a uint32 can be"),
      (
        #"{"an_sfixed32":-2147483649}"#, "an_sfixed32: -2147483649 is beyond what a sfixed32 can be"
      ),
      (#"{"a_double":1e400}"#, "a_double: 1e400 is beyond what a double can be"),
      (#"{"a_float":1e39}"#, "a_float: 1e39 is beyond what a float can be"),
      (
        #"{"a_float":"inf"}"#,
        #"a_float: expected a number, "NaN", "Infinity" or "-Infinity", not the text "inf""#
      ),
      (#"{"a_bool":"true"}"#, "a_bool: expected true or false, not a string"),
      (#"{"a_bool":1}"#, "a_bool: expected true or false, not a number"),
      (#"{"a_string":1}"#, "a_string: expected a string, not a number"),
      (#"{"a_string":"a\u0000b"}"#, "a_string: a text may not hold a NUL"),
      (#"{"some_bytes":"AB*="}"#, "some_bytes: the text is not base64"),
      (#"{"some_bytes":"A"}"#, "some_bytes: the text is not base64"),
      (#"{"some_bytes":"AB"}"#, "some_bytes: the text is not base64"),
      (
        #"{"color":"RED"}"#,
        "color: usher.fixtures.v1.Color has no value \"RED\"; a similar one exists: COLOR_RED"
      ),
      (#"{"color":"MAUVE"}"#, "color: usher.fixtures.v1.Color has no value \"MAUVE\""),
      (
        #"{"color":true}"#,
        "color: expected the name of a value of usher.fixtures.v1.Color, or its number, not true"
      ),
      (
        #"{"leaf":"oak"}"#,
        "leaf: expected an object, which is a usher.fixtures.v1.Leaf, not a string"
      ),
    ] as [(String, String)]
  )
  func values(json: String, message: String) throws {
    #expect(try refusal("Scalars", json) == message)
  }

  @Test(
    "Fields that are not there, or twice, in the places where they stand",
    arguments: [
      (
        "Scalars", #"{"a_strin":"x"}"#,
        "a_strin: usher.fixtures.v1.Scalars has no such field; a similar one exists: a_string"
      ),
      ("Leaf", #"{"completely":1}"#, "completely: usher.fixtures.v1.Leaf has no such field"),
      ("Leaf", #"{"name":"a","name":"b"}"#, "name: is given twice"),
      ("Leaf", #"{"name":null,"name":"b"}"#, "name: is given twice"),
      ("Scalars", #"{"a_bool":true,"aBool":true}"#, "a_bool: is given twice"),
      (
        "Choice", #"{"number":1,"text":"t"}"#,
        "text: what is one of several fields, and number is given already"
      ),
      (
        "Lists", #"{"leaves":[{},{"name":"a"},{"nam":"b"}]}"#,
        "leaves[2].nam: usher.fixtures.v1.Leaf has no such field; a similar one exists: name"
      ),
      ("Lists", #"{"int32s":[1,null]}"#, "int32s[1]: expected a whole number, not null"),
      ("Lists", #"{"int32s":1}"#, "int32s: expected a list, not a number"),
      (
        "Maps", #"{"leaves":{"5":{"weight":-1}}}"#,
        #"leaves["5"].weight: -1 is beyond what a uint32 can be"#
      ),
      ("Maps", #"{"leaves":{"5":{},"5.0":{}}}"#, #"leaves["5.0"]: is given twice"#),
      (
        "Maps", #"{"leaves":{"05":{}}}"#,
        #"leaves["05"]: expected a whole number, not the text "05""#
      ),
      ("Maps", #"{"colors":{"yes":1}}"#, #"colors["yes"]: the key is not true or false"#),
      (
        "Maps", #"{"texts":["a"]}"#,
        "texts: expected an object, whose keys are a map's, not a list"
      ),
      ("Maps", #"{"texts":{"a\nb":null}}"#, #"texts["a\nb"]: expected a string, not null"#),
      ("Leaf", "[]", "expected an object, which is a usher.fixtures.v1.Leaf, not a list"),
      ("Leaf", "", "a value is expected, and nothing is there (line 1, column 1)"),
      ("Leaf", "{}{}", "nothing may follow the value (line 1, column 3)"),
      ("Leaf", "{\n \"näme\" 1}", "expected : behind the key (line 2, column 9)"),
      (
        "Lists", "{\"leaves\":[{\"name\":\"ä\",\n}]}",
        "leaves[0]: expected a key in double quotes (line 2, column 1)"
      ),
    ] as [(String, String, String)]
  )
  func fields(type: String, json: String, message: String) throws {
    #expect(try refusal(type, json) == message)
  }

  @Test(
    "Bytes that are not the message",
    arguments: [
      ([0x08], "the bytes are not a message"),
      ([0x00, 0x01], "the bytes are not a message"),
      ([0x18, 0xff], "the bytes are not a message"),
      ([0x1a, 1, 0], "an_int32: the bytes hold another kind of value than a int32"),
      ([0x72, 1, 0xff], "a_string: the text is not UTF-8"),
      ([0x72, 1, 0x00], "a_string: a text may not hold a NUL"),
      ([0x72, 2, 0x61], "the bytes are not a message"),
      ([0x8a, 0x01, 2, 0x0a, 5], "leaf: the bytes are not a message"),
      (
        [0x88, 0x01, 2],
        "leaf: the bytes hold another kind of value than a usher.fixtures.v1.Leaf"
      ),
    ] as [([UInt8], String)]
  )
  func bytes(bytes: [UInt8], message: String) throws {
    do {
      let json = try Catalogs.codec("Scalars").decode(bytes).json
      Issue.record("decoded: \(json)")
    } catch let failure as CodecFailure {
      #expect(failure.description == message)
    }
  }

  @Test("Bytes of lists and maps that are not what they should be")
  func listsAndMaps() throws {
    let codec = try Catalogs.codec("Lists")
    #expect(throws: CodecFailure(path: "doubles", reason: "the bytes are not a list of double")) {
      try codec.decode([0x0a, 1, 0])
    }
    #expect(throws: CodecFailure(path: "strings[1]", reason: "the text is not UTF-8")) {
      try codec.decode([0x72, 0, 0x72, 1, 0xff])
    }
    #expect(throws: CodecFailure(path: #"texts["a"]"#, reason: "the text is not UTF-8")) {
      try Catalogs.codec("Maps").decode([0x0a, 6, 0x0a, 1, 0x61, 0x12, 1, 0xff])
    }
  }

  @Test("More depth or length than is allowed")
  func limits() throws {
    let limits = CodecLimits(depthMax: 2, jsonBytesMax: 60, messageBytesMax: 20)
    let fits = #"{"middle":{"side":"RIGHT"}}"#
    #expect(try refusal("Outer", fits, limits: limits).hasPrefix("encoded"))
    #expect(
      try refusal("Outer", #"{"middle":{"inner":{"id":"i"}}}"#, limits: limits)
        == "middle.inner: more than 2 values are nested (line 1, column 20)"
    )
    let long = String(repeating: "x", count: 19)
    #expect(
      try refusal("Leaf", #"{"name":"\#(long)"}"#, limits: limits)
        == "the message has over 20 bytes"
    )
    #expect(
      try refusal("Leaf", #"{"name":"\#(long + long + long)"}"#, limits: limits)
        == "the JSON has over 60 bytes"
    )
    let codec = try Catalogs.codec("Outer", limits: limits)
    let deep = Outer(middle: Outer.Middle(inner: Outer.Middle.Inner(id: "i")))
    #expect(throws: CodecFailure(path: "middle.inner", reason: "more than 2 messages are nested")) {
      try codec.decode(deep.encoded())
    }
    let wide = Outer(inners: Array(repeating: Outer.Middle.Inner(), count: 20))
    #expect(throws: CodecFailure.self) { try codec.decode(wide.encoded(), allFields: true) }
  }

  @Test("A name of any length is shown in short")
  func longNames() throws {
    let name = String(repeating: "x", count: 100_000)
    #expect(try refusal("Leaf", #"{"\#(name)":1}"#).utf8.count < 200)
  }
}
