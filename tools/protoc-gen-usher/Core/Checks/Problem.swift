import Descriptors

/// A reason why no code can be generated.
package struct Problem: Hashable, CustomStringConvertible {
  package var file: String
  /// What it is about, such as `usher.v1.Gate.name`.
  package var subject: String
  package var complaint: String

  package var description: String { "\(file): \(subject): \(complaint)" }
}

extension Schema {
  /// Everything that stands against generating code, in the order of the files.
  package func problems() -> [Problem] {
    let names = TypeNames(self)
    return generated.flatMap { file in
      file.syntaxProblems()
        + file.allMessages.flatMap { $0.fieldProblems(in: file, names) }
        + file.services.flatMap { $0.problems(in: file, names) }
    } + nameProblems() + recursionProblems()
  }
}

extension SchemaFile {
  fileprivate func syntaxProblems() -> [Problem] {
    var problems: [Problem] = []
    if syntax != "proto3" {
      problems.append(Problem(file: path, subject: syntax, complaint: "only proto3 is understood"))
    }
    if package.isEmpty {
      let complaint = "without a package its types are called alike in C and in Swift"
      problems.append(Problem(file: path, subject: baseName, complaint: complaint))
    }
    return problems
  }
}

extension SchemaMessage {
  fileprivate func fieldProblems(in file: SchemaFile, _ names: TypeNames) -> [Problem] {
    fields.compactMap { field in
      field.complaint(names).map {
        Problem(file: file.path, subject: "\(fullName).\(field.name)", complaint: $0)
      }
    }
  }
}

extension SchemaField {
  fileprivate func complaint(_ names: TypeNames) -> String? {
    if label == .proto3Optional { return "proto3 optional is not supported by protobuf-c" }
    if label == .required { return "required fields are not supported" }
    if CNames.field(name) == "base" { return "protobuf-c keeps the name base for itself" }
    if CNames.macros.contains(CNames.field(name)) {
      return "C compilers on Linux put a number in place of this name"
    }
    switch type {
    case .group: return "groups are not supported"
    case .message(let name) where names.known(name) == nil,
      .enumeration(let name) where names.known(name) == nil:
      return "no code is generated for its type, \(name)"
    default: return nil
    }
  }
}

extension SchemaService {
  fileprivate func problems(in file: SchemaFile, _ names: TypeNames) -> [Problem] {
    methods.flatMap { method in
      method.complaints(names).map {
        Problem(file: file.path, subject: "\(fullName).\(method.name)", complaint: $0)
      }
    }
  }
}

extension SchemaMethod {
  fileprivate func complaints(_ names: TypeNames) -> [String] {
    var complaints = [request, response].filter { names.known($0) == nil }.map {
      "no code is generated for \($0)"
    }
    if isAtOnce && (streamsRequests || streamsResponses) {
      complaints.append("at_once is for methods with one request and one response")
    }
    return complaints
  }
}
