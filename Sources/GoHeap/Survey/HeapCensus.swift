// What a look at all objects and spans of a heap finds. Bytes unless the name says otherwise.

package struct HeapCensus: Equatable, Sendable {
    /// Objects that the roots lead to, each with all that its size class takes: what a collection would leave.
    package var reachableBytes = 0
    /// Those of them that the owner has noted, by whether others may hold them too.
    package var sharedBytes = 0
    package var ownBytes = 0
    /// Unmarked objects of spans that wait to be swept.
    package var unsweptBytes = 0
    /// Bytes of spans that no object can have: the rest behind the last one, and pointer bits.
    package var tailBytes = 0
    /// Pages of all spans; of those with an object that is reachable; of those with one that was noted as shared; and of those with
    /// one that is reachable and was not noted.
    package var inSpans = Pages()
    package var live = Pages()
    package var withShared = Pages()
    package var withOther = Pages()
    /// Pages in no span.
    package var idle = Pages()
    package var released = Pages()
    /// By size class, those apart that have no spans; large objects come first.
    package var classes: [OfClass] = []

    /// Pages, and how much of them is resident.
    package struct Pages: Equatable, Sendable {
        package var bytes = 0
        package var residentBytes = 0

        package init() {}

        mutating func add(page residentBytes: Int) {
            bytes += HeapConstants.pageBytes
            self.residentBytes += residentBytes
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

    /// A span of which objects take less than this share counts as sparse.
    package static let sparseShare = 0.05
}
