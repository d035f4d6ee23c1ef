// Einsum: sums of products over named dimensions.
#include <algorithm>
#include <map>

#include "graph/broadcast.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

// Letters for the dimensions of each operand and of the result; the ellipsis becomes digits, the
// last of its dimensions '0', the one before '1', and so on, so that they line up at the end.
struct Equation {
  std::vector<std::string> operands;
  std::string result;
};

std::string expand_ellipsis(const std::string& letters, std::size_t count) {
  const std::size_t place = letters.find("...");
  if (place == letters.npos) return letters;
  std::string digits;
  for (std::size_t k = count; k-- > 0;) digits += static_cast<char>('0' + k);
  return letters.substr(0, place) + digits + letters.substr(place + 3);
}

template <typename Real>
std::size_t ellipsis_rank(const OperatorCall<Real>& call, const std::string& letters,
                          std::size_t rank) {
  if (letters.find("...") == letters.npos) {
    if (letters.size() != rank) call.malformed("the equation does not fit the rank of an input");
    return 0;
  }
  if (letters.size() - 3 > rank || rank - (letters.size() - 3) > 9) {
    call.malformed("the equation does not fit the rank of an input");
  }
  return rank - (letters.size() - 3);
}

// Without "->" the result has the letters that occur once, sorted, after the ellipsis.
std::string implied_result(const std::string& left, bool ellipsis) {
  std::map<char, int> counts;
  for (const char letter : left) {
    if (letter != ',' && letter != '.') ++counts[letter];
  }
  std::string result = ellipsis ? "..." : "";
  for (const auto& [letter, count] : counts) {
    if (count == 1) result += letter;
  }
  return result;
}

template <typename Real>
Equation parse(const OperatorCall<Real>& call) {
  std::string text = call.node.text("equation", "");
  std::erase(text, ' ');
  const std::size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  const bool ellipsis = left.find("...") != left.npos;
  const std::string result =
      arrow == text.npos ? implied_result(left, ellipsis) : text.substr(arrow + 2);
  Equation equation;
  std::size_t rank = 0;
  std::size_t start = 0;
  for (std::size_t index = 0; index < call.inputs.size(); ++index) {
    if (start > left.size()) call.malformed("the equation has fewer operands than inputs");
    const std::size_t comma = std::min(left.find(',', start), left.size());
    const std::string letters = left.substr(start, comma - start);
    const std::size_t own = ellipsis_rank(call, letters, call.input(index).dims.size());
    rank = std::max(rank, own);
    equation.operands.push_back(expand_ellipsis(letters, own));
    start = comma + 1;
  }
  if (start <= left.size()) call.malformed("the equation has more operands than inputs");
  equation.result = expand_ellipsis(result, rank);
  return equation;
}

// Steps of one operand along every letter.
Dims letter_steps(const std::string& letters, const Dims& dims, const std::string& all) {
  const Dims strides = strides_of(dims);
  Dims steps(all.size(), 0);
  for (std::size_t axis = 0; axis < letters.size(); ++axis) {
    if (dims[axis] != 1) steps[all.find(letters[axis])] += strides[axis];
  }
  return steps;
}

template <typename Real>
void einsum(OperatorCall<Real>& call) {
  if (call.inputs.empty() || call.inputs.size() > 2)
    call.unsupported("Einsum of more than two inputs");
  const Equation equation = parse(call);
  std::string all = equation.result;
  std::map<char, std::int64_t> sizes;
  for (std::size_t index = 0; index < call.inputs.size(); ++index) {
    const std::string& letters = equation.operands[index];
    for (std::size_t axis = 0; axis < letters.size(); ++axis) {
      if (all.find(letters[axis]) == all.npos) all += letters[axis];
      std::int64_t& size = sizes.emplace(letters[axis], 1).first->second;
      const std::int64_t dim = call.input(index).dims[axis];
      call.check_shapes(size == 1 || dim == 1 || size == dim);
      if (dim != 1) size = dim;
    }
  }
  Dims dims;
  Dims result_dims;
  for (const char letter : all) {
    if (!sizes.contains(letter)) call.malformed("the result of the equation has an unknown letter");
    dims.push_back(sizes[letter]);
    if (dims.size() <= equation.result.size()) result_dims.push_back(dims.back());
  }
  Dims out_steps = strides_of(result_dims);
  out_steps.resize(all.size(), 0);
  const bool two = call.inputs.size() == 2;
  const std::array steps = {
      out_steps, letter_steps(equation.operands[0], call.input(0).dims, all),
      two ? letter_steps(equation.operands[1], call.input(1).dims, all) : Dims(all.size(), 0)};
  const auto a = call.reals(0);
  const auto b = two ? call.reals(1) : std::span<const Real>();
  std::vector<Real> out(checked_count(result_dims), 0);
  walk(dims, steps, [&](std::int64_t, const auto& at) {
    const Real factor = two ? b[static_cast<std::size_t>(at[2])] : 1;
    out[static_cast<std::size_t>(at[0])] += a[static_cast<std::size_t>(at[1])] * factor;
  });
  call.emit_reals(call.input(0).dtype, std::move(result_dims), std::move(out));
}

}  // namespace

template <typename Real>
void add_einsum_operators(OperatorTable<Real>& table) {
  table[{"Einsum", ""}] = einsum<Real>;
}

template void add_einsum_operators(OperatorTable<float>&);
template void add_einsum_operators(OperatorTable<double>&);

}  // namespace hasten::graph
