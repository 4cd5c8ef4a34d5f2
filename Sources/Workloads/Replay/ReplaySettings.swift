import KeyStreams

/// What of a recorded stream is replayed, and how.
package struct ReplaySettings: Equatable, Sendable {
    /// The file: as the command line names it, or in the folder that the server may read.
    package var path = ""
    /// Nil to see it by the lines.
    package var format: KeyStreamFormat?
    /// Whether keys expire by the stream's clock.
    package var expires = false
    /// Whether a get that misses loads the entry, as a cache does.
    package var loadsMisses = true
    /// How many times as fast as it was recorded; nil is as fast as it goes.
    package var speed: Double?
    /// The most operations of the stream.
    package var limit: Int?
    /// Whether a bad line is the end.
    package var isStrict = false

    package init() {}

    /// As long as the kernel takes it (PATH_MAX), less its end.
    package static let pathCharactersLimit = 4_095

    /// Operations of the stream in a round: remedies are looked at between two of them.
    package static let roundOperations = 100_000
}
