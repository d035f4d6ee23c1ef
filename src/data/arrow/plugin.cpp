#include "data/arrow_plugin.h"

#include "data/arrow/arrow_files.h"
#include "data/arrow/parquet_merger.h"
#include "data/arrow/parquet_reader.h"
#include "data/arrow/parquet_scores.h"
#include "data/arrow/parquet_writer.h"
#include "data/arrow/zstd_decompressor.h"

namespace hasten::data {
namespace {

class Plugin : public ArrowPlugin {
 public:
  std::unique_ptr<RowReader> open_parquet_reader(const std::filesystem::path& path,
                                                 const ReaderOptions& options) const override {
    return make_parquet_reader(path, options);
  }
  std::unique_ptr<ScoreWriter> open_parquet_writer(std::unique_ptr<OutputFile> file,
                                                   const std::string& where,
                                                   const ScoreSchema& schema) const override {
    return make_parquet_writer(std::move(file), where, schema);
  }
  ScoreTable read_parquet_scores(const std::filesystem::path& path,
                                 const ReaderOptions& options) const override {
    return data::read_parquet_scores(path, options);
  }
  std::uint64_t merge_parquet(std::span<const std::string> paths, std::unique_ptr<OutputFile> file,
                              const std::string& where) const override {
    return merge_parquet_files(paths, std::move(file), where);
  }
  const RemoteFiles& remote_files() const override { return arrow_files(); }
  std::unique_ptr<Decompressor> zstd_decompressor(const std::string& name) const override {
    return make_zstd_decompressor(name);
  }
};

}  // namespace
}  // namespace hasten::data

extern "C" __attribute__((visibility("default"))) const hasten::data::ArrowPlugin*
hasten_arrow_plugin(int interface) {
  static const hasten::data::Plugin k_plugin;
  return interface == hasten::data::k_arrow_interface ? &k_plugin : nullptr;
}
