// The build functions of all families, one file each. Internal to the registry.
#pragma once

#include "architectures/architecture.h"

namespace hasten::architectures {

BuiltModel build_albert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_bert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_big_bird(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_convbert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_deberta(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_deberta_v2(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_distilbert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_electra(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_longformer(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_mobilebert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_modernbert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_mpnet(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_nystromformer(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_rembert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_roberta(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_squeezebert(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_xlm(const checkpoint::Checkpoint& checkpoint);
BuiltModel build_xlnet(const checkpoint::Checkpoint& checkpoint);

}  // namespace hasten::architectures
