import Threads
import UsherAPI
import Wire

// MARK: - Seats

extension Fault {
  static let ofSeats = [
    Fault(
      "a seat is sold twice",
      breaks: ["seats-owned-twice"],
      // Two rows of one seat, one line without its seat, a seat that is freed for the wrong one.
      mayBreak: ["seats-sold", "steps-out-of-turn", "tables-unlike-log"],
      says: "is held by"
    ) { sellTwice(&$0) },
    Fault(
      "a seat is held twice by one hold",
      breaks: ["acknowledged-twice"],
      mayBreak: ["seats-owned-twice", "steps-out-of-turn", "tables-unlike-log"],
      says: "happened 2 times"
    ) { tampering in
      let chosen = Chosen<String>()
      tampering.event = { event in
        guard case .seatsHeld(var held) = event.what, chosen.isIt(held.holdID) else {
          return [event]
        }
        held.reservations += held.reservations.prefix(1)
        return [event.saying(.seatsHeld(held))]
      }
    },
    Fault(
      "money is taken for holds that have lapsed",
      breaks: ["paid-after-lapse"],
      says: "is paid at"
    ) { payLate(&$0) },
    Fault(
      "a row is not what the log makes of it",
      breaks: ["tables-unlike-log"],
      says: "state of"
    ) { tampering in
      tampering.row = { table, row in
        guard table == "reservations" else { return row }
        var reservation = try Reservation(decoding: row)
        if reservation.state == .lapsed { reservation.state = .cancelled }
        return reservation.encoded()
      }
    },
    Fault(
      "a seat that was paid is nobody's",
      breaks: ["seats-sold"],
      mayBreak: ["tables-unlike-log"],
      says: "is not its user's"
    ) { tampering in
      let chosen = Chosen<[UInt8]>()
      tampering.row = { table, row in
        guard table == "taken_seats", try TakenSeat(decoding: row).untilMs == 0 else { return row }
        return chosen.isIt(row) ? nil : row
      }
    },
    Fault(
      "a hold lapses and is said to be given back",
      breaks: ["steps-out-of-turn"],
      says: "ends as CANCELLED"
    ) { tampering in
      tampering.event = { event in
        guard case .reservationEnded(var ended) = event.what, ended.reservation?.state == .lapsed
        else { return [event] }
        ended.reservation?.state = .cancelled
        return [event.saying(.reservationEnded(ended))]
      }
      tampering.row = { table, row in
        guard table == "reservations" else { return row }
        var reservation = try Reservation(decoding: row)
        if reservation.state == .lapsed { reservation.state = .cancelled }
        return reservation.encoded()
      }
    },
  ]

  private struct Seat: Hashable {
    let date: String
    let number: UInt32
  }

  /// Someone is sold a seat that another has paid: whatever is said of their reservation is said of
  /// that seat.
  private static func sellTwice(_ tampering: inout Tampering) {
    struct State {
      var paid: [Seat] = []
      var reservation = ""
      var seat: Seat?
    }
    let state = Guarded(State())
    @Sendable func moved(_ id: String, _ date: String, _ number: UInt32) -> UInt32 {
      state.withLock { state in
        guard let seat = state.seat, seat.date == date, state.reservation == id else {
          return number
        }
        return seat.number
      }
    }
    @Sendable func told(_ reservation: Reservation?) -> Reservation? {
      guard var reservation else { return nil }
      reservation.seatNumber = moved(reservation.id, reservation.dateID, reservation.seatNumber)
      return reservation
    }
    @Sendable func told(_ payment: Payment) -> Payment {
      var payment = payment
      for (index, line) in payment.lines.enumerated() {
        payment.lines[index].seatNumber = moved(line.reservationID, line.dateID, line.seatNumber)
      }
      return payment
    }
    tampering.event = { event in
      switch event.what {
      case .seatsHeld(var held):
        state.withLock { state in
          guard state.seat == nil, let first = held.reservations.first else { return }
          state.seat = state.paid.first { $0.date == first.dateID }
          state.reservation = first.id
        }
        held.reservations = held.reservations.compactMap { told($0) }
        return [event.saying(.seatsHeld(held))]
      case .paid(let payment):
        state.withLock { state in
          let seats = payment.lines.map { Seat(date: $0.dateID, number: $0.seatNumber) }
          if state.seat == nil { state.paid += seats }
        }
        return [event.saying(.paid(told(payment)))]
      case .reservationEnded(var ended):
        ended.reservation = told(ended.reservation)
        return [event.saying(.reservationEnded(ended))]
      case .refunded(var ended):
        state.withLock { state in
          state.paid.removeAll {
            $0.date == ended.reservation?.dateID && $0.number == ended.reservation?.seatNumber
          }
        }
        ended.reservation = told(ended.reservation)
        return [event.saying(.refunded(ended))]
      default: return [event]
      }
    }
    tampering.row = { table, row in
      switch table {
      case "reservations": return told(try Reservation(decoding: row))?.encoded()
      case "payments": return told(try Payment(decoding: row)).encoded()
      case "taken_seats":
        var seat = try TakenSeat(decoding: row)
        seat.seatNumber = moved(seat.reservationID, seat.dateID, seat.seatNumber)
        return seat.encoded()
      default: return row
      }
    }
  }

  /// Every hold is said to last a millisecond, and is paid all the same.
  private static func payLate(_ tampering: inout Tampering) {
    let ends = Guarded<[String: Int64]>([:])
    @Sendable func told(_ reservation: Reservation) -> Reservation {
      var reservation = reservation
      reservation.expiresMs = reservation.createdMs + 1
      return reservation
    }
    tampering.event = { event in
      switch event.what {
      case .seatsHeld(var held):
        held.reservations = held.reservations.map(told)
        for one in held.reservations { ends.withLock { $0[one.id] = one.expiresMs } }
        return [event.saying(.seatsHeld(held))]
      case .reservationEnded(var ended):
        ended.reservation = ended.reservation.map(told)
        return [event.saying(.reservationEnded(ended))]
      case .refunded(var ended):
        ended.reservation = ended.reservation.map(told)
        return [event.saying(.refunded(ended))]
      default: return [event]
      }
    }
    tampering.row = { table, row in
      switch table {
      case "reservations": return told(try Reservation(decoding: row)).encoded()
      case "taken_seats":
        var seat = try TakenSeat(decoding: row)
        if seat.untilMs != 0 { seat.untilMs = ends.withLock { $0[seat.reservationID] } ?? 0 }
        return seat.encoded()
      default: return row
      }
    }
  }
}
