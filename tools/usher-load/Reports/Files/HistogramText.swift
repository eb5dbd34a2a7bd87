internal import Foundation
package import Measuring

/// A histogram of nanoseconds as text that plotters of HdrHistogram read, in milliseconds.
package struct HistogramText {
  private let histogram: Histogram

  /// The text of a histogram.
  package init(_ histogram: Histogram) { self.histogram = histogram }

  /// A line for each bucket with values: the value, the share up to it, how many that are, and
  /// 1/(1−share). The largest value ends it, exactly.
  package var text: String {
    var lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""]
    var seen: UInt64 = 0
    var sum = 0.0
    var squares = 0.0
    for bucket in histogram.buckets {
      seen += bucket.count
      let value = milliseconds(min(bucket.values.upperBound, histogram.max))
      let share = Double(seen) / Double(histogram.count)
      let inverse = seen < histogram.count ? String(format: "%.2f", 1 / (1 - share)) : "inf"
      lines.append(String(format: "%12.3f %14.12f %10llu", value, share, seen) + " " + inverse)
      let middle = milliseconds(middle(of: bucket.values))
      sum += middle * Double(bucket.count)
      squares += middle * middle * Double(bucket.count)
    }
    let count = Double(max(histogram.count, 1))
    let mean = sum / count
    let deviation = max(0, squares / count - mean * mean).squareRoot()
    lines.append(String(format: "#[Mean    = %12.3f, StdDeviation   = %12.3f]", mean, deviation))
    lines.append(
      String(
        format: "#[Max     = %12.3f, Total count    = %12llu]",
        milliseconds(histogram.max),
        histogram.count
      )
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e6 }

  private func middle(of values: ClosedRange<UInt64>) -> UInt64 {
    values.lowerBound + (values.upperBound - values.lowerBound) / 2
  }
}

extension RunRecord {
  /// For each step the name of a file and what it holds: how long answers in OK took from the planned
  /// moment.
  package var histogramFiles: [(name: String, text: String)] {
    steps.enumerated().map { index, step in
      let plain = step.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
      return (
        name: "\(index + 1)-\(String(plain)).hgrm", text: HistogramText(step.response).text
      )
    }
  }
}
