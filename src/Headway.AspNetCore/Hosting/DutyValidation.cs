using Headway.Jobs.Running;
using Microsoft.Extensions.Options;

namespace Headway.AspNetCore.Hosting;

/// <summary>Says of a duty that is none what it can be, before anything is started.</summary>
internal sealed class DutyValidation : IValidateOptions<HeadwayOptions>
{
    public ValidateOptionsResult Validate(string? name, HeadwayOptions options)
    {
        try
        {
            NodeDuty.Parse(options.Duty, options.Pools);
            return ValidateOptionsResult.Success;
        }
        catch (FormatException wrong)
        {
            return ValidateOptionsResult.Fail(wrong.Message);
        }
    }
}
