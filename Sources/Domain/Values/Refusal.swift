/// A command's no: why, and what exactly.
package struct Refusal: Error, Hashable, Sendable {
  package let reason: Reason
  /// One sentence for the person who asked, with the names and numbers of their case.
  package let detail: String

  /// When it is worth asking again; nil where time alone changes nothing.
  package let retryAfterMilliseconds: Int64?

  package init(_ reason: Reason, _ detail: String, retryAfterMilliseconds: Int64? = nil) {
    self.reason = reason
    self.detail = detail
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }

  /// Every way in which the domain says no. The numbers are those of the API's list.
  package enum Reason: Int32, CaseIterable, Sendable {
    case fieldInvalid = 5
    case keyReused = 6

    case tokenMissing = 20
    case tokenInvalid = 21
    case tokenWrongGate = 22
    case gateNotFound = 23
    case gateNotOpen = 24
    case gateDrained = 25
    case alreadyInLine = 26
    case notAdmitted = 27
    case ticketEnded = 28
    case sessionOver = 29
    case policyContradicts = 30
    case revisionChanged = 31

    case userNotFound = 40
    case concertNotFound = 41
    case dateNotFound = 42
    case seatNotFound = 43
    case bookingNotOpen = 45
    case bookingClosed = 46
    case seatTaken = 47
    case notEnoughSeats = 48
    case seatLimit = 49

    case reservationNotFound = 60
    case holdExpired = 61
    case alreadyPaid = 62
    case alreadyCancelled = 63
    case cancelClosed = 64
    case insufficientBalance = 65
    case balanceOverflow = 66
    case paymentNotFound = 67

    case overloaded = 80
    case storeFull = 81
    case storeDown = 82
    case outcomeUnknown = 83
  }
}
