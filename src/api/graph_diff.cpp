#include "api/graph_diff.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace hasten::api {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t k_most_pairs = 50'000'000;
constexpr std::size_t k_context = 3;

Lines split(const std::string& text) {
  Lines lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

struct Entry {
  char mark;
  std::string_view line;
};

// lengths[i][j]: of the longest common subsequence of the lines from i and j on.
std::vector<Entry> align(const Lines& a, const Lines& b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> lengths((a.size() + 1) * width);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      lengths[i * width + j] =
          a[i] == b[j] ? lengths[(i + 1) * width + j + 1] + 1
                       : std::max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  std::vector<Entry> entries;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      entries.push_back({' ', a[i++]});
      ++j;
    } else if (j == b.size() ||
               (i < a.size() && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      entries.push_back({'-', a[i++]});
    } else {
      entries.push_back({'+', b[j++]});
    }
  }
  return entries;
}

std::vector<Entry> compare_as_sets(const Lines& a, const Lines& b) {
  const std::set<std::string_view> in_a(a.begin(), a.end());
  const std::set<std::string_view> in_b(b.begin(), b.end());
  std::vector<Entry> entries;
  for (const std::string_view line : a) {
    if (!in_b.contains(line)) entries.push_back({'-', line});
  }
  for (const std::string_view line : b) {
    if (!in_a.contains(line)) entries.push_back({'+', line});
  }
  return entries;
}

void append(std::string& out, const Entry& entry) {
  out.append(1, entry.mark).append(" ").append(entry.line).append("\n");
}

std::string print(const std::vector<Entry>& entries) {
  std::string out;
  for (std::size_t k = 0; k < entries.size(); ++k) {
    std::size_t end = k;
    while (end < entries.size() && entries[end].mark == ' ') ++end;
    if (end - k > 2 * k_context) {
      for (std::size_t kept = k; kept < k + k_context; ++kept) append(out, entries[kept]);
      out += "  ...\n";
      k = end - k_context;
    }
    append(out, entries[k]);
  }
  return out;
}

}  // namespace

std::string diff_lines(const std::string& before, const std::string& after) {
  const Lines a = split(before);
  const Lines b = split(after);
  const bool is_small = b.empty() || a.size() <= k_most_pairs / b.size();
  return print(is_small ? align(a, b) : compare_as_sets(a, b));
}

}  // namespace hasten::api
