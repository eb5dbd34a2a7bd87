import Arguments
import Daemon
import Testing
import Transport

@Suite("What usherd is told") struct DaemonOptionsTests {
  private func read(
    _ line: String = "",
    environment: [String: String] = [:],
    file: String? = nil
  ) throws -> DaemonOptions {
    let words = line.split(separator: " ").map(String.init)
    return try DaemonOptions.read(
      try ParsedArguments(words, flags: DaemonOptions.flags),
      environment: environment,
      configuration: file.map {
        ConfigurationFile($0, name: "usher.conf", flags: DaemonOptions.flags)
      }
    )
  }

  private func mistakes(
    _ line: String = "",
    environment: [String: String] = [:],
    file: String? = nil
  ) -> [String] {
    do {
      _ = try read(line, environment: environment, file: file)
      return []
    } catch let errors as UsageErrors {
      return errors.all.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  @Test("Told nothing, it listens on this machine alone") func defaults() throws {
    let options = try read()
    #expect(options.listen == [.tcp(host: "127.0.0.1", port: 7411)])
    #expect(options.drain == .seconds(30))
    #expect(options.loops == 0 && options.connectionsMax == nil && !options.allowsPlaintext)
    #expect(options.warnings.isEmpty)
  }

  @Test("Another operator's key is made where the command line says so, and nowhere else")
  func operatorKey() throws {
    #expect(try read("--new-operator-key").makesOperatorKey)
    #expect(try !read(environment: ["USHER_NEW_OPERATOR_KEY": "true"]).makesOperatorKey)
    #expect(mistakes(file: "new_operator_key = true").count == 1)
  }

  @Test("The command line comes before the environment, and that before the file")
  func precedence() throws {
    let file = "drain = 1s\nloops = 1\nlisten = 127.0.0.1:1\nlisten = unix:/a"
    #expect(try read(file: file).drain == .seconds(1))
    #expect(try read(environment: ["USHER_DRAIN": "2s"], file: file).drain == .seconds(2))
    let all = try read("--drain 3s", environment: ["USHER_DRAIN": "2s"], file: file)
    #expect(all.drain == .seconds(3))
    #expect(all.loops == 1)
    #expect(all.listen == [.tcp(host: "127.0.0.1", port: 1), .unix(path: "/a")])
    #expect(try read("--listen [::1]:9", file: file).listen == [.tcp(host: "::1", port: 9)])
  }

  @Test("Every mistake of all three sources is told at once, each with its place")
  func allMistakes() {
    let file = """
      # ours
      loops = many
      admision_rate = 5
        connection_max = 5
      drain
      allow_plaintext = perhaps
      loops = 3
      """
    #expect(
      mistakes(
        "stray --listen 7411",
        environment: ["USHER_DRAIN": "soon"],
        file: file
      ) == [
        "usherd takes flags only, not \"stray\"",
        "--listen: 7411: an address is HOST:PORT or unix:PATH",
        "USHER_DRAIN: soon: a duration is a number with its unit: 250ms, 30s, 5m, 1h",
        "usher.conf:2:1: many is not a number from 0 to 1024",
        "usher.conf:3:1: unknown key \"admision_rate\"",
        "usher.conf:4:3: unknown key \"connection_max\"; a similar key exists: connections_max",
        "usher.conf:5:1: a line is KEY = VALUE",
        "usher.conf:6:1: perhaps is neither true nor false",
        "usher.conf:7:1: loops was set before, on line 2",
      ]
    )
  }

  @Test("Of several addresses each mistake is told where it stands")
  func addresses() {
    #expect(
      mistakes(file: "listen = http://here:1\nlisten = 127.0.0.1:1\nlisten = 127.0.0.1:99999") == [
        "usher.conf:1:1: http://here:1: an address is HOST:PORT or unix:PATH",
        "usher.conf:3:1: 127.0.0.1:99999: a port is a number from 0 to 65535",
      ]
    )
  }

  @Test("Every variable that it reads is known to all programs") func variables() {
    #expect(
      Set(DaemonOptions.flags.filter(\.isSetting).map(\.environmentName))
        == Set(Variables.ofServer)
    )
  }

  @Test("Numbers have bounds", arguments: ["0", "1000001", "-1", "1.5", ""])
  func bounds(number: String) {
    #expect(
      mistakes("--connections-max=\(number)") == [
        "--connections-max: \(number) is not a number from 1 to 1000000"
      ]
    )
  }

  @Test(
    "Beyond this machine it listens only when told that this is meant",
    arguments: ["0.0.0.0:1", "[::]:1", "192.0.2.7:1", "example.org:1", "127.example.org:1"]
  )
  func plaintext(address: String) throws {
    #expect(
      mistakes("--listen \(address)") == [
        "\(address) can be reached from other machines, and calls are not encrypted"
      ]
    )
    #expect(try read("--listen \(address) --allow-plaintext").allowsPlaintext)
    #expect(
      try read("--listen \(address)", environment: ["USHER_ALLOW_PLAINTEXT": "true"])
        .allowsPlaintext
    )
  }

  @Test(
    "On this machine it needs no leave",
    arguments: ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1", "unix:/run/usher.sock"]
  )
  func loopback(address: String) throws {
    #expect(try read("--listen \(address)").listen.map(\.description) == [address])
  }

  @Test(
    "A store is told without its password",
    arguments: [
      ("sqlite:a/b.db", "sqlite:a/b.db"),
      ("postgres://host/db", "postgres://host/db"),
      ("postgresql://me:se:cr@et@host:1/db", "postgresql://me@host:1/db"),
      ("postgres://me@/db?host=/run&password=secret", "postgres://me@/db"),
    ]
  )
  func stores(given: String, shown: String) throws {
    #expect(try read("--store \(given)").store?.description == shown)
  }

  @Test("What is no store is refused, and not repeated") func notStores() {
    let mistake = "--store: a store's address begins with sqlite: or postgres://"
    #expect(mistakes("--store mysql://me:secret@host") == [mistake])
    #expect(mistakes("--store sqlite:") == ["--store: sqlite: names no file"])
  }

  @Test("A variable that nobody knows is worth a warning, and no more") func strangers() throws {
    let options = try read(
      environment: ["USHER_DRIAN": "5s", "USHER_CONNECT": "127.0.0.1:1", "HOME": "/"])
    #expect(
      options.warnings == ["unknown variable USHER_DRIAN; a similar one exists: USHER_DRAIN"]
    )
  }
}
