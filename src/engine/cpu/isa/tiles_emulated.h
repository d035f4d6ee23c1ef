// The tile registers of AMX in memory, for processors that have none: the same operations as those
// of tiles_amx.h, after the pseudocode of Intel's instruction set reference. What the processor
// refuses (a register without rows, operands that do not fit) aborts.
//
// Included inside an anonymous namespace of a test's kernel file.
#pragma once

class Tiles {
 public:
  void release() {
    for (Register& tile : tiles_) tile = {};
  }
  void shape(std::size_t first_rows, std::size_t second_rows) {
    for (std::size_t tile = 0; tile < 8; ++tile) {
      const bool second = tile == 2 || tile == 3 || tile == 5;
      tiles_[tile] = {};
      tiles_[tile].rows = tile >= 6 ? k_rows : second ? second_rows : first_rows;
    }
  }

  template <int Tile>
  void zero() {
    std::memset(used(Tile).bytes, 0, sizeof(Register::bytes));
  }
  template <int Tile>
  void load(const void* from, std::size_t stride) {
    Register& tile = used(Tile);
    for (std::size_t row = 0; row < tile.rows; ++row) {
      std::memcpy(tile.bytes[row], static_cast<const std::byte*>(from) + row * stride, k_row_bytes);
    }
  }
  template <int Tile>
  void store(void* to, std::size_t stride) {
    const Register& tile = used(Tile);
    for (std::size_t row = 0; row < tile.rows; ++row) {
      std::memcpy(static_cast<std::byte*>(to) + row * stride, tile.bytes[row], k_row_bytes);
    }
  }

  template <int Sum, int Left, int Right>
  void multiply_int8() {
    for_each_sum(used(Sum), used(Left), used(Right),
                 [](std::byte* sum, const std::byte* left, const std::byte* right) {
                   auto total = value_at<std::int32_t>(sum, 0);
                   for (std::size_t step = 0; step < 16; ++step) {
                     for (std::size_t i = 4 * step; i < 4 * step + 4; ++i) {
                       total += value_at<std::uint8_t>(left, i) *
                                value_at<std::int8_t>(right + step * k_row_bytes, i % 4);
                     }
                   }
                   std::memcpy(sum, &total, sizeof(total));
                 });
  }
  // The even and the odd values of k are summed apart; then both are added to what was there.
  template <int Sum, int Left, int Right>
  void multiply_bfloat16() {
    for_each_sum(used(Sum), used(Left), used(Right),
                 [](std::byte* sum, const std::byte* left, const std::byte* right) {
                   float halves[2] = {};
                   for (std::size_t step = 0; step < 16; ++step) {
                     for (std::size_t i = 0; i < 2; ++i) {
                       const float a = bfloat16_at(left, 2 * step + i);
                       const float b = bfloat16_at(right + step * k_row_bytes, i);
                       halves[i] = std::fma(a, b, halves[i]);
                     }
                   }
                   const float total = value_at<float>(sum, 0) + (halves[0] + halves[1]);
                   std::memcpy(sum, &total, sizeof(total));
                 });
  }

 private:
  static constexpr std::size_t k_rows = 16;
  static constexpr std::size_t k_row_bytes = 64;
  struct Register {
    std::size_t rows = 0;
    std::byte bytes[k_rows][k_row_bytes] = {};
  };

  template <class Value>
  static Value value_at(const std::byte* from, std::size_t index) {
    Value value;
    std::memcpy(&value, from + index * sizeof(value), sizeof(value));
    return value;
  }
  static float bfloat16_at(const std::byte* from, std::size_t index) {
    return std::bit_cast<float>(std::uint32_t{value_at<std::uint16_t>(from, index)} << 16);
  }

  Register& used(int tile) {
    Register& result = tiles_[static_cast<std::size_t>(tile)];
    if (result.rows == 0) std::abort();
    return result;
  }

  // Calls multiply(one sum, a row of the left operand, a column of the right one).
  template <class Multiply>
  static void for_each_sum(Register& sums, const Register& left, const Register& right,
                           Multiply multiply) {
    if (sums.rows != left.rows || right.rows != k_rows) std::abort();
    for (std::size_t row = 0; row < sums.rows; ++row) {
      for (std::size_t column = 0; column < 16; ++column) {
        multiply(sums.bytes[row] + 4 * column, left.bytes[row], right.bytes[0] + 4 * column);
      }
    }
  }

  Register tiles_[8];
};
