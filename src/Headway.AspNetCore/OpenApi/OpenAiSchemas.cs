using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The bodies of the OpenAI routes, field by field: JSON schemas by their names, from the files in OpenApi/OpenAi.</summary>
/// <remarks>These bodies pass through as they are and have no records, from which schemas could be made.</remarks>
internal static class OpenAiSchemas
{
    private const string Folder = "OpenApi/OpenAi/";

    private static readonly FrozenDictionary<string, string> Schemas = Read();

    /// <summary>A reference to the schema, which stands once under components, as all that it refers to.</summary>
    public static IOpenApiSchema Of(OpenApiDocument document, string name)
    {
        if (document.Components?.Schemas?.ContainsKey(name) is not true)
        {
            foreach (var (each, json) in Schemas)
                document.AddComponent<IOpenApiSchema>(each, OpenApiModelFactory.Parse<OpenApiSchema>(json, OpenApiSpecVersion.OpenApi3_1, document, out _, OpenApiConstants.Json)!);
        }

        return Schemas.ContainsKey(name) ? new OpenApiSchemaReference(name, document) : throw new InvalidOperationException($"There is no schema {name} in {Folder}");
    }

    private static FrozenDictionary<string, string> Read()
    {
        var found = new Dictionary<string, string>();
        var assembly = typeof(OpenAiSchemas).Assembly;
        foreach (var file in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(file)!;
            using var json = JsonDocument.Parse(stream);
            foreach (var schema in json.RootElement.EnumerateObject()) found.Add(schema.Name, schema.Value.GetRawText());
        }

        return found.ToFrozenDictionary();
    }
}
