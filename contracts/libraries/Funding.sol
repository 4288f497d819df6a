// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {OrderLib} from "./OrderLib.sol";

/// @notice Whose tokens pay a pool, and by what right.
/// @dev Made only by `Settlement`, and read back only from the data that an armed pool returns unchanged.
struct Payer {
    /// The owner of the order, or the settlement itself for tokens in a pot.
    address from;
    /// Permit2's terms, when `signature` is not empty; else the owner's allowance pays.
    uint256 permitted;
    uint256 nonce;
    uint256 deadline;
    bytes32 witness;
    bytes signature;
}

/// @dev The part of Permit2 that is used.
interface IPermit2 {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata details,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external;
}

/// @title Funding
/// @notice The only place where tokens leave an owner or a pot.
library Funding {
    using SafeERC20 for IERC20;

    /// @dev At the same address on every chain.
    IPermit2 internal constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);

    /// @dev Pays out of a pot.
    function self() internal view returns (Payer memory payer) {
        payer.from = address(this);
    }

    /// @dev Moves `amount` of `token` from the payer to `to`, or reverts. Permit2 checks the owner's signature over the
    /// order itself, so a payer with a signature needs no check before.
    function pay(Payer memory payer, IERC20 token, address to, uint256 amount) internal {
        if (payer.from == address(this)) {
            if (to != address(this)) token.safeTransfer(to, amount);
        } else if (payer.signature.length == 0) {
            token.safeTransferFrom(payer.from, to, amount);
        } else {
            PERMIT2.permitWitnessTransferFrom(
                IPermit2.PermitTransferFrom(
                    IPermit2.TokenPermissions(address(token), payer.permitted),
                    payer.nonce,
                    payer.deadline
                ),
                IPermit2.SignatureTransferDetails(to, amount),
                payer.from,
                payer.witness,
                OrderLib.PERMIT2_WITNESS,
                payer.signature
            );
        }
    }
}
