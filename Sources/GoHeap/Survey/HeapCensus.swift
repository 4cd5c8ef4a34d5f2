// What a look at all objects and spans of a heap finds. Bytes unless the name says otherwise.

package struct HeapCensus: Equatable, Sendable {
    /// Objects that the roots lead to, each with all that its size class takes: what a collection would leave.
    package var reachableBytes = 0
    /// Those of them that the owner has noted.
    package var notedBytes = 0
    /// Unmarked objects of spans that wait to be swept.
    package var unsweptBytes = 0
    /// Bytes of spans that no object can have: the rest behind the last one, and pointer bits.
    package var tailBytes = 0
    /// Spans, by what they hold.
    package var dead = Pages()
    package var onlyNoted = Pages()
    package var onlyOther = Pages()
    package var mixed = Pages()
    /// Pages in no span.
    package var idle = Pages()
    package var released = Pages()
    /// By size class, those apart that have no spans; large objects come first.
    package var classes: [OfClass] = []

    /// Pages, and how much of them is resident.
    package struct Pages: Equatable, Sendable {
        package var bytes = 0
        package var residentBytes = 0

        package init(bytes: Int = 0, residentBytes: Int = 0) {
            self.bytes = bytes
            self.residentBytes = residentBytes
        }

        package static func + (left: Pages, right: Pages) -> Pages {
            Pages(bytes: left.bytes + right.bytes, residentBytes: left.residentBytes + right.residentBytes)
        }
    }

    /// The spans of one size class.
    package struct OfClass: Equatable, Sendable {
        /// Bytes of an object; 0 for large ones.
        package var objectBytes = 0
        package var spanCount = 0
        package var spanBytes = 0
        /// What objects take, dead ones that are not swept included.
        package var allocatedBytes = 0
        /// Spans of which objects take less than `HeapCensus.sparseShare`.
        package var sparseSpanCount = 0
        package var sparseSpanBytes = 0
        package var sparseAllocatedBytes = 0
    }

    /// All pages of spans.
    package var inSpans: Pages { dead + onlyNoted + onlyOther + mixed }

    /// A span of which objects take less than this share counts as sparse.
    package static let sparseShare = 0.05
}
