import Arguments
import Reflection
import Scenarios
import Testing

@Suite struct PayloadTemplateTests {
  private func expand(_ text: String, number: Int = 3, seed: UInt64 = 1) throws -> String {
    var random = SeededRandom(seed: seed)
    let values = PayloadTemplate.Values(number: number, nowMs: 1_772_323_200_000, user: "someone")
    return try PayloadTemplate(parsing: text).expanded(with: values, random: &random)
  }

  @Test func `Places are filled in and all else stays as it is`() throws {
    let text = #"{"n": {{n}}, "at": {{ now_ms }}, "user": "{{user}}", "list": [{"a": {}}]}"#
    #expect(
      try expand(text)
        == #"{"n": 3, "at": 1772323200000, "user": "someone", "list": [{"a": {}}]}"#
    )
    #expect(try expand("") == "")
    #expect(try expand("} }} {") == "} }} {")
  }

  @Test func `Chance is the same for the same call and another for others`() throws {
    let text = "{{uuid}} {{random 1 1000000}} {{pick a b c d e f g h}}"
    #expect(try expand(text, seed: 5) == expand(text, seed: 5))
    #expect(try expand(text, seed: 5) != expand(text, seed: 6))
  }

  @Test func `Numbers are from one end to the other and every word is picked`() throws {
    var numbers: Set<String> = []
    var words: Set<String> = []
    for seed in 0..<500 as Range<UInt64> {
      numbers.insert(try expand("{{random -2 2}}", seed: seed))
      words.insert(try expand("{{pick red green}}", seed: seed))
    }
    #expect(numbers == ["-2", "-1", "0", "1", "2"])
    #expect(words == ["red", "green"])
    _ = try expand("{{random \(Int64.min) \(Int64.max)}}")
  }

  @Test func `A UUID is of version 7 and tells when it was made`() throws {
    let groups = try expand("{{uuid}}").split(separator: "-").map(String.init)
    #expect(groups.map(\.count) == [8, 4, 4, 4, 12])
    #expect(UInt64(groups[0] + groups[1], radix: 16) == 1_772_323_200_000)
    #expect(groups[2].hasPrefix("7"))
    #expect("89ab".contains(groups[3].prefix(1)))
    var random = SeededRandom(seed: 0)
    let wild = PayloadTemplate.Values(number: .min, nowMs: .min)
    let template = try PayloadTemplate(parsing: "{{n}} {{uuid}} {{now_ms}}")
    #expect(!template.expanded(with: wild, random: &random).isEmpty)
  }

  @Test(arguments: [
    ("{{", "line 1, column 1: {{ is not closed"),
    ("ab\n c{{n}", "line 2, column 3: {{ is not closed"),
    ("{{}}", "line 1, column 1: {{}} says nothing"),
    ("{{uid}}", "{{uid}} is nothing that can be filled in; a similar one exists: {{uuid}}"),
    ("{{n 1}}", "line 1, column 1: {{n}} is expected"),
    ("{{random 5 1}}", "{{random LEAST MOST}} is expected"),
    ("{{random 1}}", "{{random LEAST MOST}} is expected"),
    ("{{random 1 99999999999999999999}}", "{{random LEAST MOST}} is expected"),
    ("{{pick}}", "{{pick A B ...}} is expected"),
    ("{{pick a\nb}}", "a place to fill in stands on one line"),
  ])
  func `A mistake is told with its line and column`(text: String, reason: String) {
    let error = #expect(throws: UsageError.self) { try expand(text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    (#"{"a": {{n}}, "b": tru}"#, "line 1, column 19"),
    ("{\"a\": {{random 1 2}},\n \"b\": \"{{user}}\" 5}", "line 2, column 18"),
    (#"{"a": {{user}}}"#, "line 1, column 7"),
    ("", "line 1, column 1"),
  ])
  func `A request that would be no JSON is refused where the template says so`(
    text: String,
    place: String
  ) {
    var scenario = Scenario.call
    let error = #expect(throws: UsageError.self) { try scenario.set("call.request", text) }
    #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
  }
}
