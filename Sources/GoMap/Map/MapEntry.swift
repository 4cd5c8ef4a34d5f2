// Where an entry is.

/// One entry that an iterator has reached: where its key and value are, until the next operation on the map.
package struct MapEntry {
    package let key: UnsafeMutableRawPointer
    package let value: UnsafeMutableRawPointer
}
