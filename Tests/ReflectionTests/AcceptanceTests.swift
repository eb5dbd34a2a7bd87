import Fixtures
import Reflection
import Testing
import Wire

@Suite("What JSON may say in more ways than one") struct AcceptanceTests {
  @Test(
    "Numbers, texts and names",
    arguments: [
      (
        #"{"an_int32":1e2,"an_int64":"-5","a_uint64":1.0e1}"#,
        Scalars(anInt32: 100, anInt64: -5, aUint64: 10)
      ),
      (
        #"{"a_uint64":18446744073709551615,"an_int64":-9223372036854775808}"#,
        Scalars(anInt64: .min, aUint64: .max)
      ),
      (#"{"an_int32":100000000000000000000e-20}"#, Scalars(anInt32: 1)),
      (#"{"an_int32":0e999999999999,"an_int64":-0}"#, Scalars()),
      (#"{"a_double":"1.5","a_float":"-2"}"#, Scalars(aDouble: 1.5, aFloat: -2)),
      (
        #"{"a_double":"-Infinity","a_float":"Infinity"}"#,
        Scalars(aDouble: -.infinity, aFloat: .infinity)
      ),
      (#"{"some_bytes":"-_8"}"#, Scalars(someBytes: [0xfb, 0xff])),
      (#"{"some_bytes":"+/8="}"#, Scalars(someBytes: [0xfb, 0xff])),
      (#"{"color":2}"#, Scalars(color: .darkBlue)),
      (#"{"color":-77}"#, Scalars(color: .unrecognized(-77))),
      (#"{"aString":"camel"}"#, Scalars(aString: "camel")),
      (#"{"a_string":null,"leaf":null,"color":null}"#, Scalars()),
      (#"{"leaf":{}}"#, Scalars(leaf: Leaf())),
      (
        #"{"a_string":"\u00e9\ud83c\udfab\/\"\\\b\f\n\r\t"}"#,
        Scalars(aString: "é🎫/\"\\\u{8}\u{c}\n\r\t")
      ),
    ] as [(String, Scalars)]
  )
  func scalars(json: String, message: Scalars) throws {
    #expect(try Scalars(decoding: Catalogs.codec("Scalars").encode(json)) == message)
  }

  @Test("Of a choice, null is no choice")
  func choices() throws {
    let bytes = try Catalogs.codec("Choice").encode(#"{"number":null,"text":"t"}"#)
    #expect(try Choice(decoding: bytes) == Choice(what: .text("t")))
  }

  @Test("An enum's value that has two names is written by the first, and read by both")
  func aliases() throws {
    let codec = try Catalogs.codec("Words")
    let bytes = try codec.encode(#"{"import":"VERB_STANDARD"}"#)
    #expect(try codec.decode(bytes).json == #"{"import":"VERB_DEFAULT"}"#)
  }

  @Test("Text is written so that it stays on its line and does nothing to a terminal")
  func quoting() throws {
    let leaf = Leaf(name: "\"\\\n\r\t\u{1}\u{1b}\u{7f}é")
    let json = try Catalogs.codec("Leaf").decode(leaf.encoded()).json
    #expect(json == #"{"name":"\"\\\n\r\t\u0001\u001b\u007fé"}"#)
  }
}
