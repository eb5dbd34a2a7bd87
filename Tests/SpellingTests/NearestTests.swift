import Spelling
import Testing

@Suite("What may have been meant") struct NearestTests {
  @Test("A near miss is recognised, and something else is not")
  func nearMisses() {
    let names = ["health", "help", "gate pause"]
    #expect(nearest(to: "helth", among: names) == "health")
    #expect(nearest(to: "gate pasue", among: names) == "gate pause")
    #expect(nearest(to: "concerts", among: names) == nil)
    #expect(nearest(to: "health", among: []) == nil)
  }

  @Test("A word of any length is compared in no time")
  func longWords() {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(nearest(to: long, among: ["health"]) == nil)
    #expect(nearest(to: "health", among: [long]) == nil)
  }
}
