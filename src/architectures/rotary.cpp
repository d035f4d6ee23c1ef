#include "architectures/rotary.h"

#include <cmath>
#include <vector>

namespace hasten::architectures {
namespace {

// The table of one function, [limit, head_size / 2], with float32 angles as transformers has them:
// its frequencies are rounded before they are multiplied by the position.
Tensor make_table(double (*function)(double), std::int64_t limit, std::int64_t head_size,
                  double theta) {
  const std::int64_t half = head_size / 2;
  std::vector<float> frequencies;
  for (std::int64_t i = 0; i < half; ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_size);
    const auto power = static_cast<float>(std::pow(theta, static_cast<double>(exponent)));
    frequencies.push_back(1.0F / power);
  }
  std::vector<float> table;
  table.reserve(static_cast<std::size_t>(limit * half));
  for (std::int64_t position = 0; position < limit; ++position) {
    for (const float frequency : frequencies) {
      const float angle = static_cast<float>(position) * frequency;
      table.push_back(static_cast<float>(function(static_cast<double>(angle))));
    }
  }
  return make_tensor<float>({limit, half}, std::move(table));
}

// The table's first rows, side by side with themselves.
ValueId spread(EncoderBuilder& builder, ValueId input_ids, Tensor table, const std::string& name) {
  const ValueId all = builder.graph().add_constant(name + ".table", std::move(table));
  const ValueId rows = builder.op(
      "Slice",
      {all, builder.integers({0}), builder.sequence_length(input_ids), builder.integers({0})},
      name + ".rows");
  return builder.op("Concat", {rows, rows}, name, {{"axis", std::int64_t{-1}}});
}

}  // namespace

RotaryAngles rotary_angles(EncoderBuilder& builder, ValueId input_ids, std::int64_t limit,
                           std::int64_t head_size, double theta, const std::string& name) {
  const auto cosine = [](double angle) { return std::cos(angle); };
  const auto sine = [](double angle) { return std::sin(angle); };
  return {
      spread(builder, input_ids, make_table(cosine, limit, head_size, theta), name + ".cosines"),
      spread(builder, input_ids, make_table(sine, limit, head_size, theta), name + ".sines")};
}

ValueId rotate_heads(EncoderBuilder& builder, ValueId heads, const RotaryAngles& angles,
                     const std::string& name) {
  const std::vector<ValueId> halves = builder.split(heads, 2, name + ".halves");
  const ValueId negative = builder.op("Neg", {halves[1]}, name + ".second_half_negative");
  const ValueId turned =
      builder.op("Concat", {negative, halves[0]}, name + ".turned", {{"axis", std::int64_t{-1}}});
  const ValueId along = builder.op("Mul", {heads, angles.cosines}, name + ".along");
  const ValueId across = builder.op("Mul", {turned, angles.sines}, name + ".across");
  return builder.add(along, across, name + ".rotated");
}

}  // namespace hasten::architectures
