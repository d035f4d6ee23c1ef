#include "fidelity/table_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "base/error.h"

namespace hasten::fidelity {
namespace {

using data::NumberColumn;

constexpr std::array<std::string_view, 3> k_logit_prefixes = {"logit_", "logits_", "raw_"};
constexpr std::array<std::string_view, 7> k_score_prefixes = {
    "score_", "prob_", "probability_", "proba_", "p_", "scores_", ""};
constexpr std::array<std::string_view, 4> k_single_names = {"score", "probability", "prob", "p"};

std::string lower_case(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

class TableScores {
 public:
  TableScores(const data::ScoreTable& table, std::vector<std::string> labels, Function function,
              const std::string& where, std::vector<std::string>& notes)
      : table_(table), where_(where), notes_(notes) {
    scores_.labels = labels.empty() ? own_labels() : std::move(labels);
    scores_.function = function;
    scores_.rows = table.rows;
  }

  Scores read() {
    if (const auto logits = array("logits")) scores_.logits = matrix(*logits);
    if (const auto probabilities = array("probabilities"))
      scores_.probabilities = matrix(*probabilities);
    if (!scores_.has_logits()) take_named(k_logit_prefixes, true);
    if (!scores_.has_probabilities()) take_named(k_score_prefixes, false);
    if (!any()) take_array_of_scores();
    if (!any()) take_single();
    if (!any()) take_by_position();
    if (!any()) fail_columns();
    return std::move(scores_);
  }

 private:
  using Found = std::vector<const NumberColumn*>;

  bool any() const { return scores_.has_logits() || scores_.has_probabilities(); }

  const NumberColumn* find(const std::string& name) const {
    for (const NumberColumn& column : table_.columns) {
      if (lower_case(column.name) == lower_case(name)) return &column;
    }
    return nullptr;
  }

  // Without a model: the names behind the prefixes, else the arrays' length.
  std::vector<std::string> own_labels() const {
    std::vector<std::string> labels;
    for (const NumberColumn& column : table_.columns) {
      for (const std::string_view prefix : {"score_", "prob_", "probability_", "logit_"}) {
        if (!column.name.starts_with(prefix)) continue;
        const std::string label = column.name.substr(prefix.size());
        if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
      }
    }
    for (std::size_t i = 0;
         labels.size() == i && (find(fmt::format("logits[{}]", i)) != nullptr ||
                                find(fmt::format("probabilities[{}]", i)) != nullptr);
         ++i) {
      labels.push_back(std::to_string(i));
    }
    if (labels.empty()) fail_columns();
    return labels;
  }

  std::optional<Found> array(const std::string& name) const {
    Found found;
    for (std::size_t i = 0; i < scores_.classes(); ++i) {
      found.push_back(find(fmt::format("{}[{}]", name, i)));
      if (found.back() == nullptr) return std::nullopt;
    }
    if (find(fmt::format("{}[{}]", name, scores_.classes())) == nullptr) return found;
    fail(ErrorCode::k_bad_data,
         fmt::format("\"{}\" has more elements than there are classes ({})", name,
                     scores_.classes()),
         where_, "the scores are another model's");
  }

  template <std::size_t Count>
  void take_named(const std::array<std::string_view, Count>& prefixes, bool are_logits) {
    for (const std::string_view prefix : prefixes) {
      Found found;
      for (const std::string& label : scores_.labels) {
        const NumberColumn* column = find(std::string(prefix) + label);
        if (column != nullptr) found.push_back(column);
      }
      if (found.size() == scores_.classes()) return take(found, are_logits);
    }
  }

  void take_array_of_scores() {
    if (const auto found = array("scores")) take(*found, false);
  }

  // The second class of two, which decides the first.
  void take_single() {
    if (scores_.classes() != 2 || scores_.function != Function::k_softmax) return;
    const NumberColumn* column = nullptr;
    for (const std::string_view name : k_single_names)
      column = column == nullptr ? find(std::string(name)) : column;
    for (const std::string_view prefix : k_score_prefixes) {
      column = column == nullptr ? find(std::string(prefix) + scores_.labels[1]) : column;
    }
    if (column == nullptr || !are_probabilities({column})) return;
    scores_.probabilities.resize(2 * table_.rows);
    for (std::size_t row = 0; row < table_.rows; ++row) {
      scores_.probabilities[2 * row] = 1 - column->values[row];
      scores_.probabilities[2 * row + 1] = column->values[row];
    }
    notes_.push_back(fmt::format("Column \"{}\" is taken for the probability of \"{}\".",
                                 column->name, scores_.labels[1]));
  }

  void take_by_position() {
    if (table_.columns.size() != scores_.classes()) return;
    Found found;
    std::string names;
    for (const NumberColumn& column : table_.columns) {
      found.push_back(&column);
      names += (names.empty() ? "" : ", ") + column.name;
    }
    take(found, false);
    notes_.push_back(fmt::format(
        "No column is named after a class: {} are taken in the classes' order.", names));
  }

  void take(const Found& found, bool are_logits) {
    const bool probabilities = !are_logits && are_probabilities(found);
    (probabilities ? scores_.probabilities : scores_.logits) = matrix(found);
  }

  static bool are_probabilities(const Found& found) {
    return std::all_of(found.begin(), found.end(), [](const NumberColumn* column) {
      return std::all_of(column->values.begin(), column->values.end(), [](double value) {
        return std::isnan(value) || (value >= 0 && value <= 1);
      });
    });
  }

  std::vector<double> matrix(const Found& found) const {
    std::vector<double> values(table_.rows * found.size());
    for (std::size_t row = 0; row < table_.rows; ++row) {
      for (std::size_t i = 0; i < found.size(); ++i)
        values[row * found.size() + i] = found[i]->values[row];
    }
    return values;
  }

  [[noreturn]] void fail_columns() const {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(table_.columns.size(), 30); ++i) {
      names += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", table_.columns[i].name);
    }
    std::string labels;
    for (const std::string& label : scores_.labels) labels += (labels.empty() ? "" : ", ") + label;
    fail(ErrorCode::k_bad_data, "no columns hold a score for each class", where_,
         fmt::format("the columns of numbers are {}; the classes are {}",
                     names.empty() ? "none" : names, labels.empty() ? "not known" : labels),
         "Name the columns after the classes, such as score_LABEL or logit_LABEL.");
  }

  const data::ScoreTable& table_;
  std::string where_;
  std::vector<std::string>& notes_;
  Scores scores_;
};

std::string text_of(const data::RowId& id) {
  if (const auto* number = std::get_if<std::int64_t>(&id)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&id)) return *text;
  return {};
}

// What a row of texts is found by where there are no ids: no text holds a NUL between two others.
std::string joined(const std::string& text, const std::string& pair) {
  return pair.empty() ? text : text + '\0' + pair;
}

using Places = std::unordered_map<std::string, std::size_t>;

// The first row of each key; how many rows repeat an earlier key.
std::size_t add_place(Places& places, std::string key, std::size_t row) {
  return places.try_emplace(std::move(key), row).second ? 0 : 1;
}

std::vector<std::optional<std::size_t>> look_up(const Places& places,
                                                std::span<const data::TextRow> rows, bool by_id) {
  std::vector<std::optional<std::size_t>> pairs(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto found = places.find(by_id ? text_of(rows[i].id)
                                         : joined(rows[i].text, rows[i].text_pair.value_or("")));
    if (found != places.end()) pairs[i] = found->second;
  }
  return pairs;
}

bool have_ids(std::span<const data::TextRow> rows) {
  return std::any_of(rows.begin(), rows.end(), [](const data::TextRow& row) {
    return !std::holds_alternative<std::monostate>(row.id);
  });
}

}  // namespace

Scores scores_of_table(const data::ScoreTable& table, const std::vector<std::string>& labels,
                       Function function, const std::string& where,
                       std::vector<std::string>& notes) {
  return TableScores(table, labels, function, where, notes).read();
}

std::vector<std::optional<std::size_t>> pair_rows(const data::ScoreTable& table,
                                                  std::span<const data::TextRow> rows,
                                                  const std::string& where,
                                                  std::vector<std::string>& notes) {
  const bool by_id = !table.ids.empty() && have_ids(rows);
  std::vector<std::optional<std::size_t>> pairs(rows.size());
  if (!by_id && table.texts.empty()) {
    if (table.rows != rows.size()) {
      fail(ErrorCode::k_bad_data,
           fmt::format("the table has {} rows and there are {} texts, and no id or text pairs them",
                       table.rows, rows.size()),
           where, {}, "Add a column of ids to both, or the texts to the table.");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) pairs[i] = i;
    notes.push_back(fmt::format(
        "{} has neither ids nor texts: its rows are paired with the texts by position.", where));
    return pairs;
  }
  Places places;
  std::size_t repeated = 0;
  for (std::size_t i = 0; i < table.rows; ++i) {
    repeated += add_place(
        places, by_id ? text_of(table.ids[i]) : joined(table.texts[i], table.pairs[i]), i);
  }
  pairs = look_up(places, rows, by_id);
  const auto missing = std::count(pairs.begin(), pairs.end(), std::nullopt);
  if (static_cast<std::size_t>(missing) == rows.size()) {
    if (!by_id)
      fail(ErrorCode::k_bad_data, "no text of the table is that of a text", where,
           "the table is about other texts");
    fail(ErrorCode::k_bad_data,
         fmt::format("no id of the table is that of a text: the first are \"{}\" in the table and "
                     "\"{}\" with the texts",
                     text_of(table.ids.front()), text_of(rows.front().id)),
         where, "the table is about other texts, or its ids were written as floating point numbers",
         "Write the ids as whole numbers or as text: a floating point number cannot hold all "
         "digits of a tweet's id.");
  }
  notes.push_back(fmt::format("{} is paired with the texts by {}.", where, by_id ? "id" : "text"));
  if (missing > 0)
    notes.push_back(fmt::format("{} texts have no row in {} and are left out.", missing, where));
  if (by_id && repeated > 0)
    notes.push_back(fmt::format("{} ids are there more than once in {}: the first row counts.",
                                repeated, where));
  return pairs;
}

}  // namespace hasten::fidelity
