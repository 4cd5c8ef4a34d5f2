// What every operation answers besides its own figures: how long it took, and the memory before and after.

import HuskLab
import MicroHTTP

extension Measured {
    /// The answer of an operation.
    /// - Parameter fields: writes what this kind of operation answers.
    func response(_ fields: (Result, inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter()
        json.beginObject()
        fields(result, &json)
        json.field("elapsedNanoseconds", elapsedNanoseconds)
        json.field("before", before)
        json.field("after", after)
        json.endObject()
        return json.response()
    }
}

extension JSONWriter {
    fileprivate mutating func field(_ name: StaticString, _ sample: MemorySample) {
        self.name(name)
        beginObject()
        field("HeapAlloc", sample.heapAlloc)
        field("HeapInuse", sample.heapInuse)
        field("HeapIdle", sample.heapIdle)
        field("HeapReleased", sample.heapReleased)
        field("HeapObjects", sample.heapObjects)
        field("Sys", sample.sys)
        field("NumGC", UInt64(sample.numGC))
        field("RSS", sample.residentBytes)
        endObject()
    }
}
