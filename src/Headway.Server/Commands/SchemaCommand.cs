using Headway.Features;

namespace Headway.Server.Commands;

internal sealed class SchemaCommand : Verb
{
    public SchemaCommand(Terminal terminal) : base("schema", "Writes the JSON Schema of the feature file, for editors.", "headway schema > headway.schema.json")
        => SetAction(_ => terminal.Out.Write(FeatureFileSchema.Generate()));
}
