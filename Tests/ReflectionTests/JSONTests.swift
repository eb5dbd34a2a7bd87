import Reflection
import Testing

@Suite("Reading and writing JSON") struct JSONTests {
  private func tokens(_ text: String, depthMax: Int = 10) throws(JSONFault) -> [JSONReader.Token] {
    var reader = JSONReader(Array(text.utf8), depthMax: depthMax)
    var tokens: [JSONReader.Token] = []
    while let token = try reader.next() { tokens.append(token) }
    return tokens
  }

  @Test("Values are read token by token, numbers as they are written")
  func values() throws {
    #expect(
      try tokens(#" {"a" : [1, -0.5e+10, "x", {}, []], "b":null,"":true} "#) == [
        .beginObject, .key("a"), .beginArray, .number("1"), .number("-0.5e+10"), .string("x"),
        .beginObject, .endObject, .beginArray, .endArray, .endArray, .key("b"), .null, .key(""),
        .bool(true), .endObject,
      ]
    )
    #expect(try tokens("false") == [.bool(false)])
  }

  @Test(
    "What is not JSON is refused",
    arguments: [
      "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
      "{a:1}", "{'a':1}", "[1 2]", "{\"a\":1 \"b\":2}", "1 2", "]", "}", "[}", "{]", "01", "-",
      "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "tru", "truefalse", "nul",
      "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\udc00\"",
      "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"a\nb\"", "\"\u{1}\"", "// x\n1", "[1]x", ",",
    ]
  )
  func malformed(text: String) {
    #expect(throws: JSONFault.self) { try tokens(text) }
  }

  @Test("Text that is not UTF-8 is refused")
  func encodings() {
    for bytes in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xc3]] as [[UInt8]] {
      var reader = JSONReader([0x22] + bytes + [0x22], depthMax: 1)
      #expect(throws: JSONFault.self) { try reader.next() }
    }
  }

  @Test("The depth has a limit, which itself is allowed", arguments: [1, 5, 100])
  func depth(depthMax: Int) throws {
    func nested(_ count: Int) -> String {
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    #expect(try tokens(nested(depthMax), depthMax: depthMax).count == depthMax * 2)
    #expect(throws: JSONFault.self) { try tokens(nested(depthMax + 1), depthMax: depthMax) }
  }

  @Test("A writer puts commas, and lines where they are wanted")
  func writing() {
    func written(isSpread: Bool) -> String {
      var writer = JSONWriter(isSpread: isSpread)
      writer.beginObject()
      writer.key("a")
      writer.beginArray()
      writer.number(1)
      writer.bool(false)
      writer.beginObject()
      writer.endObject()
      writer.endArray()
      writer.key("b")
      writer.string("x")
      writer.endObject()
      return writer.text
    }
    #expect(written(isSpread: false) == #"{"a":[1,false,{}],"b":"x"}"#)
    #expect(
      written(isSpread: true) == """
        {
          "a": [
            1,
            false,
            {}
          ],
          "b": "x"
        }
        """
    )
  }

  @Test("Several values are cut apart, in pieces of any size", arguments: [1, 2, 3, 7, 100])
  func splitting(size: Int) throws {
    let text = " {\"a\":\"}\\\"{\"}{}\n [[1],2] 12 \"x y\"true\n\n{\"b\":\n1} {\"open\": "
    var splitter = JSONSplitter(valueBytesMax: 100)
    var parts: [JSONSplitter.Part] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      splitter.append(rest.prefix(size))
      rest = rest.dropFirst(size)
      while let part = try splitter.next(isAtEnd: false) { parts.append(part) }
    }
    while let part = try splitter.next(isAtEnd: true) { parts.append(part) }
    #expect(
      parts.map { String(decoding: $0.bytes, as: UTF8.self) } == [
        #"{"a":"}\"{"}"#, "{}", "[[1],2]", "12", "\"x y\"", "true", "{\"b\":\n1}", "{\"open\": ",
      ]
    )
    #expect(parts.map(\.position.line) == [1, 1, 2, 2, 2, 2, 4, 5])
    #expect(parts.map(\.position.column) == [2, 14, 2, 10, 13, 18, 1, 4])
  }

  @Test("A value that never ends is refused before it is held")
  func endless() throws {
    var splitter = JSONSplitter(valueBytesMax: 10)
    splitter.append(Array("[1,2,3,4,5,6,7".utf8))
    #expect(throws: JSONFault.self) { try splitter.next(isAtEnd: false) }
  }
}
