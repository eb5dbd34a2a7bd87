/// Something that must hold for every input, and did not for one.
public struct Broken: Error, CustomStringConvertible {
  /// What was found.
  public let description: String
}

func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(Broken) {
  guard holds else { throw Broken(description: otherwise()) }
}
