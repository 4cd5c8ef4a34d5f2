import Foundation
import TestSupport
import Testing

@Suite("What husk prints", .enabled(if: HuskBinary.url != nil))
struct OutputTests {
    @Test(
        "Output that cannot be written is an error, whatever is printed",
        arguments: [
            ["scenario"], ["scenario", "local"], ["--help"], ["--version"], ["serve", "--help"], [],
            ["--generate-completion-script", "bash"],
        ])
    func fullDisk(arguments: [String]) throws {
        let process = Process()
        process.executableURL = HuskBinary.url
        process.arguments = arguments
        let errors = Pipe()
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        process.standardError = errors
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(said == "husk: cannot write to standard output: No space left on device\n")
    }

    @Test("Help, version and completions are printed, exit status 0")
    func help() throws {
        for arguments in [["--help"], [], ["help", "serve"]] {
            let help = try HuskBinary.run(arguments)
            #expect(help.status == 0 && help.output.contains("USAGE: husk") && help.errors.isEmpty)
        }
        let completions = try HuskBinary.run("--generate-completion-script", "bash")
        #expect(completions.status == 0 && completions.output.contains("--max-memory"))
        #expect(try HuskBinary.run("--generate-completion-script", "basic").status == 64)
    }

    @Test("A scenario that takes long says on a terminal how far it is")
    func progress() throws {
        // Unlocked, and asked for the number of its other end; the two requests are macros that Swift does not import.
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        var lock: Int32 = 0
        var number: Int32 = 0
        #expect(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        let other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        let process = Process()
        process.executableURL = HuskBinary.url
        process.arguments = ["scenario", "fifteen-minutes"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(fileDescriptor: other, closeOnDealloc: true)
        try process.run()
        defer { process.waitUntilExit() }
        defer { kill(process.processIdentifier, SIGKILL) }
        var shown = ""
        while !shown.contains("fifteen-minutes: 1 of 15") {
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = read(terminal, &bytes, bytes.count)
            if count <= 0 { break }
            shown += String(decoding: bytes[..<count], as: UTF8.self)
        }
        #expect(shown.contains("fifteen-minutes: 1 of 15"), "\(shown)")
    }
}
