@testable import Rehearsal
import TestSupport
import Testing

@Suite("Alarms")
struct AlarmsTests {
  @Test(
    "They ring as a list would that is sorted by moment and then by who was set first",
    arguments: 1...8
  )
  func order(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var alarms = Alarms<Int>()
    var model: [(moment: UInt64, number: Int)] = []
    var now: UInt64 = 0
    for number in 0..<2_000 {
      if random.isOne(in: 3) {
        now += UInt64(random.draw(from: 0..<20))
        while let due = alarms.take(dueAt: now) {
          #expect(due.moment == model[0].moment)
          #expect(due.purpose == model[0].number)
          model.removeFirst()
        }
        #expect(model.first.map { $0.moment > now } ?? true)
      } else {
        let moment = now + UInt64(random.draw(from: 0..<30))
        alarms.set(at: moment, number)
        let place = model.firstIndex { $0.moment > moment } ?? model.endIndex
        model.insert((moment, number), at: place)
      }
      #expect(alarms.next == model.first?.moment)
      #expect(alarms.count == model.count)
    }
  }

  @Test("None rings before its moment, and none where there is none")
  func notEarly() {
    var alarms = Alarms<String>()
    #expect(alarms.take(dueAt: .max) == nil)
    alarms.set(at: 5, "five")
    #expect(alarms.take(dueAt: 4) == nil)
    #expect(alarms.take(dueAt: 5)?.purpose == "five")
    #expect(alarms.next == nil)
  }
}
