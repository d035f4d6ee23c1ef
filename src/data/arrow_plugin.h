// The plug-in libhasten_arrow.so: what needs Arrow, behind an interface that knows none of its
// types.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "data/decompressor.h"
#include "data/output_file.h"
#include "data/remote_files.h"
#include "data/score_table.h"
#include "data/score_writer.h"
#include "data/text_reader.h"

namespace hasten::data {

// Implemented in arrow/. Threads may share it.
class ArrowPlugin {
 public:
  virtual ~ArrowPlugin() = default;
  virtual std::unique_ptr<RowReader> open_parquet_reader(const std::filesystem::path& path,
                                                         const ReaderOptions& options) const = 0;
  virtual std::unique_ptr<ScoreWriter> open_parquet_writer(std::unique_ptr<OutputFile> file,
                                                           const std::string& where,
                                                           const ScoreSchema& schema) const = 0;
  virtual ScoreTable read_parquet_scores(const std::filesystem::path& path,
                                         const ReaderOptions& options) const = 0;
  // Writes the rows of several files with the same columns into one and commits it; returns how many.
  // Throws k_bad_data for other columns or a damaged file, k_output.
  virtual std::uint64_t merge_parquet(std::span<const std::string> paths,
                                      std::unique_ptr<OutputFile> file,
                                      const std::string& where) const = 0;
  virtual const RemoteFiles& remote_files() const = 0;
  // By Arrow's zstd; `name` is for messages.
  virtual std::unique_ptr<Decompressor> zstd_decompressor(const std::string& name) const = 0;
};

// What the plug-in exports. Returns null when it was built for another interface.
inline constexpr int k_arrow_interface = 6;
inline constexpr const char* k_arrow_factory = "hasten_arrow_plugin";
using ArrowFactory = const ArrowPlugin*(int interface);

// Opens the plug-in on the first call, so that nothing else pays for loading Arrow; it stays open.
// Looked for beside the program or library that this code is part of, beside the running program,
// in lib/hasten next to that one's folder, and last where the system looks for libraries. Throws
// k_not_found when it is nowhere, k_unsupported when it cannot be opened or is of another version.
const ArrowPlugin& arrow_plugin();

}  // namespace hasten::data
