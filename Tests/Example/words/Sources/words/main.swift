import Glibc
import Transport

let address = SocketAddress.tcp(host: "127.0.0.1", port: 7412)

do {
  if let word = CommandLine.arguments.dropFirst().first {
    print(try await ask(word, at: [address]))
  } else {
    try await serving(at: address) { addresses in
      print("serving at \(addresses[0]) until the input ends")
      while readLine() != nil {}
    }
  }
} catch {
  print("words: \(error)")
  exit(1)
}
