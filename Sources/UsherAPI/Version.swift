/// Which Usher this is.
public enum Version {
  /// The version of every program of the package.
  public static let number = "0.1.0"
}
