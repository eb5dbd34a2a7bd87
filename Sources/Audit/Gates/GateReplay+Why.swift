internal import UsherAPI

extension GateReplay {
  /// Why one ticket stood behind another, in a sentence; nil where a ticket is not of this gate.
  func why(_ ticket: String, isBehind other: String) -> String? {
    guard let later = places.values.first(where: { $0.id == ticket }),
      let earlier = places.values.first(where: { $0.id == other })
    else { return nil }
    var sentence = told(later) + "; " + told(earlier) + ". "
    if later.isPriority != earlier.isPriority {
      let share = gate.policy?.prioritySharePercent ?? 0
      sentence +=
        "They stand in different lanes: of the admissions while both wait, the priority lane is "
        + "given \(share) in a hundred."
    } else if earlier.rank < later.rank {
      sentence +=
        later.rank != later.number || earlier.rank != earlier.number
        ? "The draw at the opening put the second before the first: \(earlier.rank) before "
          + "\(later.rank)."
        : "The second was committed earlier."
    } else {
      sentence += "It stood before it, and not behind."
    }
    return sentence
  }

  private func told(_ place: Place) -> String {
    let lane = place.isPriority ? ", in the priority lane" : ""
    let admitted =
      place.admission > 0
      ? ", was admission \(place.admission) at offset \(place.admittedAt)" : ", was not admitted"
    return "number \(place.number) entered at offset \(place.offset)\(lane)\(admitted)"
  }
}
