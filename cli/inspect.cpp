#include <fmt/format.h>

#include <memory>

#include <hasten/error.h>
#include <hasten/inspect.h>
#include <hasten/json.h>

#include "command.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten inspect model.onnx
  hasten inspect outputs/best_model --json
  hasten inspect model.onnx --graph
  hasten inspect --diff model.onnx model-optimized.onnx
  hasten inspect --cpu
  hasten inspect --devices)";

struct Arguments {
  std::filesystem::path model;
  std::vector<std::filesystem::path> compared;
  bool cpu = false;
  bool devices = false;
  bool graph = false;
  bool json = false;
};

void line(std::string_view key, const std::string& value) {
  if (value.empty()) return;
  print(fmt::format("{} {}\n", bold(fmt::format("{:<14}", key)), value));
}

std::string join(const std::vector<std::string>& items) {
  std::string joined;
  for (const std::string& item : items) joined += (joined.empty() ? "" : ", ") + item;
  return joined;
}

std::string with_reason(const std::string& value, const std::string& reason) {
  return reason.empty() ? value : value + " (" + reason + ")";
}

std::string join_counts(const std::map<std::string, std::size_t>& counts) {
  std::string joined;
  std::size_t total = 0;
  for (const auto& [name, count] : counts) {
    joined += fmt::format("{}{} {}", joined.empty() ? "" : ", ", count, name);
    total += count;
  }
  return fmt::format("{}: {}", total, joined);
}

std::string join_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string joined;
  for (const auto& [name, type] : pairs) {
    joined += fmt::format("{}{} {}", joined.empty() ? "" : ", ", name, type);
  }
  return joined;
}

std::string join_fused(const ModelSummary& summary) {
  std::string joined;
  for (const auto& [pass, rewrites] : summary.fused) {
    if (rewrites > 0) joined += fmt::format("{}{} {}", joined.empty() ? "" : ", ", pass, rewrites);
  }
  return joined;
}

void report_model(const ModelSummary& summary) {
  line("kind", summary.kind);
  line("architecture", summary.architecture);
  line("parameters",
       fmt::format("{}, {}", format_count(static_cast<std::uint64_t>(summary.parameter_count)),
                   format_bytes(summary.weight_bytes)));
  line("labels", join(summary.labels));
  line("function", with_reason(summary.function, summary.function_reason));
  if (summary.max_length > 0) {
    line("max length",
         with_reason(std::to_string(summary.max_length) + " tokens", summary.max_length_reason));
  }
  line("tokenizer", summary.tokenizer);
  line("inputs", join_pairs(summary.inputs));
  line("... read as", join_pairs(summary.input_roles));
  line("outputs", join_pairs(summary.outputs));
  std::string opsets;
  for (const auto& [domain, version] : summary.opsets) {
    opsets += fmt::format("{}{} {}", opsets.empty() ? "" : ", ", domain.empty() ? "onnx" : domain,
                          version);
  }
  line("opsets", opsets);
  line("operators", join_counts(summary.operators));
  line("... optimised", join_counts(summary.optimized_operators));
  line("fused now", join_fused(summary));
  line("fused before", join(summary.passes_already_run));
  line("precisions", summary.precision_plan);
  line("... measured", summary.measured_fidelity);
  line("runs on", summary.obstacle.empty()
                      ? "the engine's own kernels"
                      : "the generic engine, in float32 alone: " + summary.obstacle);
  line("producer", summary.producer);
  line("made by", summary.tool_version.empty() ? "" : "hasten " + summary.tool_version);
  for (const auto& [file, hash] : summary.source_hashes) {
    line("source", fmt::format("{} sha256 {}", file, hash));
  }
}

void report_cpu(const CpuSummary& summary) {
  line("processor", summary.model);
  line("threads", std::to_string(summary.threads));
  for (const InstructionSet& set : summary.instruction_sets) {
    const std::string mark = set.chosen      ? green("chosen")
                             : set.available ? "available"
                                             : dim("not on this processor");
    line(set.name, fmt::format("{} (needs {}; kernels: {})", mark, set.needs, set.precisions));
  }
}

void report_devices(const DeviceSummary& summary) {
  line("CUDA", summary.runtime_version.empty() ? "" : summary.runtime_version + " (of this build)");
  line("driver",
       summary.driver_version.empty() ? "" : "takes CUDA up to " + summary.driver_version);
  line("no GPU", summary.obstacle);
  for (const Device& device : summary.devices) {
    line(fmt::format("cuda:{}", device.number),
         fmt::format("{}, compute capability {}, {} of {} free{}", device.name,
                     device.compute_capability, format_bytes(device.free_bytes),
                     format_bytes(device.memory_bytes),
                     device.obstacle.empty() ? "" : ", unusable: " + device.obstacle));
  }
}

void run(const Arguments& arguments) {
  if (arguments.devices) {
    const DeviceSummary summary = inspect_devices();
    return arguments.json ? print(to_json(summary) + "\n") : report_devices(summary);
  }
  if (arguments.cpu) {
    const CpuSummary summary = inspect_cpu();
    return arguments.json ? print(to_json(summary) + "\n") : report_cpu(summary);
  }
  if (!arguments.compared.empty())
    return print(diff_graphs(arguments.compared[0], arguments.compared[1]));
  if (arguments.model.empty()) {
    throw Error({ErrorCode::k_usage,
                 "a model, --diff, --cpu or --devices is needed",
                 {},
                 {},
                 "hasten inspect MODEL"});
  }
  if (arguments.graph) return print(dump_graph(arguments.model));
  const ModelSummary summary = inspect(arguments.model);
  return arguments.json ? print(to_json(summary) + "\n") : report_model(summary);
}

}  // namespace

void add_inspect(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("inspect", "Print what a model is, or what this processor can do");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("model", arguments->model, "ONNX file or checkpoint folder");
  verb->add_flag("--graph", arguments->graph, "The stored graph as text, one node a line");
  verb->add_option("--diff", arguments->compared,
                   "Two models: what became of the operators and nodes of the first")
      ->expected(2);
  verb->add_flag("--cpu", arguments->cpu, "The processor and the kernels chosen for it");
  verb->add_flag("--devices", arguments->devices, "The GPUs, and why one cannot be used");
  verb->add_flag("--json", arguments->json, "One JSON object");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
