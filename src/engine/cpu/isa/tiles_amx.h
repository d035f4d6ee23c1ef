// The eight tile registers of AMX: matrices of up to 16 rows of 64 bytes.
//
// Included inside an anonymous namespace of a kernel file. gemm_tiles.inc uses them so: 0 to 3 are
// sums (2 x row block + column block), 4 and 5 left operands, 6 and 7 right operands.
#pragma once

class Tiles {
 public:
  // Call it last: registers in use make each change of threads slower. No destructor, since kernel
  // files have no unwinding.
  void release() { __asm__ volatile("tilerelease" ::: "memory"); }

  // The rows of the two left operands and of their sums (the second may have none); right operands
  // have 16. What the registers held is lost.
  void shape(std::size_t first_rows, std::size_t second_rows) {
    Shapes shapes{};
    shapes.palette = 1;
    for (std::size_t tile = 0; tile < 8; ++tile) {
      const bool second = tile == 2 || tile == 3 || tile == 5;
      const std::size_t rows = tile >= 6 ? 16 : second ? second_rows : first_rows;
      shapes.rows[tile] = static_cast<std::uint8_t>(rows);
      shapes.row_bytes[tile] = rows == 0 ? 0 : 64;
    }
    __asm__ volatile("ldtilecfg %0" ::"m"(shapes));
  }

  template <int Tile>
  HASTEN_INLINE void zero() {
    __asm__ volatile("tilezero %%tmm%c0" ::"i"(Tile));
  }
  // Rows lie `stride` bytes apart.
  template <int Tile>
  HASTEN_INLINE void load(const void* from, std::size_t stride) {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride), "i"(Tile)
                     : "memory");
  }
  template <int Tile>
  HASTEN_INLINE void store(void* to, std::size_t stride) const {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride), "i"(Tile) : "memory");
  }
  // Sums += left x right, unsigned and signed bytes: 4 values of k in each 32 bits.
  template <int Sum, int Left, int Right>
  HASTEN_INLINE void multiply_int8() {
    __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(Left), "i"(Right));
  }
  // The same of bfloat16: 2 values of k. Denormals count as zero.
  template <int Sum, int Left, int Right>
  HASTEN_INLINE void multiply_bfloat16() {
    __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(Left), "i"(Right));
  }

 private:
  struct alignas(64) Shapes {
    std::uint8_t palette;
    std::uint8_t start_row;
    std::uint8_t reserved[14];
    std::uint16_t row_bytes[16];
    std::uint8_t rows[16];
  };
};
