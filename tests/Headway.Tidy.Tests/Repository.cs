namespace Headway.Tidy.Tests;

/// <summary>The working tree that this test was built from, without what builds leave behind.</summary>
internal static class Repository
{
    private static readonly HashSet<string> Ignored = [".git", "bin", "obj", "node_modules", "artifacts", "TestResults", "reports", ".vs", ".idea", ".vscode"];

    private static readonly HashSet<string> TextExtensions =
        [".cs", ".sql", ".md", ".csproj", ".props", ".targets", ".slnx", ".json", ".yaml", ".yml", ".hbs", ".txt", ".sh", ".svg", ".mjs", ".ts", ".tsx", ".config", ""];

    public static string Root { get; } = FindRoot();

    private static readonly Lazy<TextFile[]> AllFiles = new(() => [.. Walk(Root).Select(Read)]);

    public static IReadOnlyList<TextFile> Files => AllFiles.Value;

    /// <summary>C# files of the given top folders.</summary>
    public static IEnumerable<TextFile> CSharp(params string[] folders) =>
        Files.Where(file => file.Extension == ".cs" && folders.Any(folder => file.Path.StartsWith(folder + "/", StringComparison.Ordinal)));

    public static bool Exists(string path) => System.IO.Path.Exists(System.IO.Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder).Where(child => !Ignored.Contains(System.IO.Path.GetFileName(child))).SelectMany(Walk));

    private static TextFile Read(string path) =>
        new(System.IO.Path.GetRelativePath(Root, path).Replace('\\', '/'), TextExtensions.Contains(System.IO.Path.GetExtension(path)) ? File.ReadAllText(path) : "");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Headway.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Headway.slnx is in no folder above the test.");
    }
}
