// What is asked of all tables at once.

extension WorkingSet {
  /// Whether any row or group is wanted that is not loaded.
  package var wantsAnything: Bool {
    mutating get {
      var question = Wants()
      visit(&question)
      return question.answer || !draws.wanted.isEmpty
    }
  }

  /// Whether any row was changed.
  package var hasChanges: Bool {
    mutating get {
      var question = Changes()
      visit(&question)
      return question.answer
    }
  }

  /// How many rows it knows something of.
  package var count: Int {
    mutating get {
      var counting = Counting()
      visit(&counting)
      return counting.count
    }
  }

  /// The changes have been saved: from now on they are what the store has.
  package mutating func settle() {
    var settling = Settling()
    visit(&settling)
  }

  private struct Wants: TableVisitor {
    var answer = false
    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
      if !table.wantsNothing { answer = true }
    }
  }

  private struct Changes: TableVisitor {
    var answer = false
    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
      if table.hasChanges { answer = true }
    }
  }

  private struct Counting: TableVisitor {
    var count = 0
    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) {
      count += table.count
    }
  }

  private struct Settling: TableVisitor {
    mutating func visit<Element: StoredRow>(_ table: inout Table<Element>) { table.settle() }
  }
}
