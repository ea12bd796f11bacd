using System.Text.Json;
using Clinic.Intake;
using NJsonSchema;

namespace Headway.Clinic.Tests;

/// <summary>The files that the tour plays satisfy the schemas that the features demand.</summary>
public sealed class InputFileTests
{
    public static TheoryData<string, string> Files()
    {
        var files = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles("inputs").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            files.Add(file, name.Split('-')[0] switch { "intake" => "intake-form", var kind => kind });
        }
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_input_file_satisfies_its_schema(string file, string schema)
    {
        var read = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync($"schemas/{schema}.json"));
        read.Validate(await File.ReadAllTextAsync(file)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("intake-routine", "Routine")]
    [InlineData("intake-sepsis", "Emergency")]
    [InlineData("intake-chest-pain", "Emergency")]
    [InlineData("intake-copd-scale-2", "Urgent")]
    [InlineData("intake-child", "Urgent")]
    public async Task Each_intake_is_triaged_as_a_clinician_would_expect(string file, string priority)
    {
        var form = JsonSerializer.Deserialize<IntakeForm>(await File.ReadAllTextAsync($"inputs/{file}.json"), JsonSerializerOptions.Web)!;
        Triage.Of(form).Priority.ShouldBe(Enum.Parse<Priority>(priority));
    }
}
