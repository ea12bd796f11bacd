namespace Headway.Server;

/// <summary>What the command's exit tells a script. The same for every command.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>`check` found an error or a contract that breaks; a job that was waited for has no result.</summary>
    public const int Finding = 1;

    /// <summary>The command line is wrong, or names a file that cannot be read.</summary>
    public const int Usage = 2;

    public const int Unreachable = 3;

    /// <summary>The server answered with a problem; or `serve` refused to start.</summary>
    public const int Refused = 4;

    /// <summary>128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;
}
