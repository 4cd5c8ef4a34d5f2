// Scenario 4 of the source documents.

extension Scenario {
    static let functionNil = deletes(
        name: "function-nil", title: "A global map filled, deleted and set to nil inside a function",
        reference: .endsAfterwards,
        published: [
            PublishedReadings(
                go: "1.14.9",
                readings: [
                    (161, 161, 69714, 0), (469, 484, 70034, 1), (471, 488, 70098, 2), (160, 492, 70098, 3),
                ])
        ],
        note: "What counts is that nothing refers to the map any more, not where it was set to nil.")
}
