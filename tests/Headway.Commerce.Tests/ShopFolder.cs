using Headway.Upstream;

namespace Headway.Commerce.Tests;

/// <summary>A folder with the shop's database and reviews, which outlive its processes.</summary>
internal sealed class ShopFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("commerce-").FullName;

    public Task<SampleProcess> StartAsync(params (string Name, string Value)[] settings) =>
        SampleProcess.StartAsync("commerce", _root, [("COMMERCE_REVIEWS", Path.Combine(_root, "reviews")), .. settings]);

    public string ReadReview(string job) => File.ReadAllText(Path.Combine(_root, "reviews", $"{job}.md"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>A file of the sample's inputs.</summary>
    public static string Input(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "inputs", $"{name}.json"));
}
