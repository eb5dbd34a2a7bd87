import CDescriptor

/// The comments of one file, by the path of what they are about.
struct Comments {
  /// The field numbers of descriptor.proto that paths are made of.
  enum Step {
    static let fileMessage: Int32 = 4
    static let fileEnum: Int32 = 5
    static let fileService: Int32 = 6
    static let messageField: Int32 = 2
    static let messageMessage: Int32 = 3
    static let messageEnum: Int32 = 4
    static let messageOneof: Int32 = 8
    static let enumValue: Int32 = 2
    static let serviceMethod: Int32 = 2
  }

  private var byPath: [[Int32]: String] = [:]

  init(of file: CFile) {
    guard let info = file.pointee.source_code_info else { return }
    for location in items(info.pointee.location, info.pointee.n_location) {
      let path = Array(
        UnsafeBufferPointer(start: location.pointee.path, count: location.pointee.n_path)
      )
      let leading = tidied(text(location.pointee.leading_comments))
      let trailing = tidied(text(location.pointee.trailing_comments))
      let comment = [leading, trailing].filter { !$0.isEmpty }.joined(separator: "\n\n")
      if !comment.isEmpty { byPath[path] = comment }
    }
  }

  /// The comment at `path`, empty where there is none.
  subscript(path: [Int32]) -> String { byPath[path] ?? "" }

  private func tidied(_ comment: String) -> String {
    var lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    return lines.joined(separator: "\n")
  }
}
