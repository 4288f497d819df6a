// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {Funding, Payer} from "./Funding.sol";
import {Cursor, Program} from "./Program.sol";

/// @notice The tokens of one call, and how much of each may still be spent: the sell token at 0, the buy token at 1, the
/// tokens between them after it.
struct Pots {
    IERC20[] tokens;
    /// At 0 what the owner still offers. At 1 what the receiver got. Else what pools put into the settlement.
    uint256[] amounts;
    /// What the settlement held before the call, of tokens that pass through it.
    uint256[] heldBefore;
    /// True when the sell token was pulled into the settlement, so that it passes through too.
    bool isPulled;
}

/// @title PotsLib
/// @notice Keeps the books of one call. A pot pays out only what came in during the call.
library PotsLib {
    using Funding for Payer;
    using Program for Cursor;

    /// @dev Reads the tokens between, notes what is held of each, and pulls the sell token when `pulled` is not 0; from
    /// then on the payer is the settlement itself.
    function open(
        Pots memory pots,
        Order memory order,
        Payer memory payer,
        uint256 pulled,
        Cursor memory cursor
    ) internal {
        uint256 count = 2 + cursor.read(1);
        pots.tokens = new IERC20[](count);
        pots.amounts = new uint256[](count);
        pots.heldBefore = new uint256[](count);
        (pots.tokens[0], pots.tokens[1]) = (order.sellToken, order.buyToken);
        for (uint256 i = 2; i < count; ++i) {
            pots.tokens[i] = IERC20(cursor.readAddress());
            pots.heldBefore[i] = pots.tokens[i].balanceOf(address(this));
        }
        pots.amounts[0] = order.amount;
        if (pulled == 0) return;

        (pots.amounts[0], pots.isPulled) = (pulled, true);
        pots.heldBefore[0] = order.sellToken.balanceOf(address(this));
        payer.pay(order.sellToken, address(this), pulled);
        (payer.from, payer.signature) = (address(this), "");
    }

    /// @dev What a verb may take of token `index`: `wanted`, or all there is. Reverts when there is less.
    function available(Pots memory pots, uint256 index, uint256 wanted) internal pure returns (uint256 amount) {
        amount = pots.amounts[index];
        if (wanted == Program.ALL) return amount;
        if (wanted > amount) revert ISettlement.TakesTooMuch(address(pots.tokens[index]), wanted, amount);
        return wanted;
    }

    /// @dev Nothing stays behind, and nothing that was here before is gone, whatever a token between says of itself.
    function close(Pots memory pots) internal view {
        for (uint256 i = pots.isPulled ? 0 : 2; i < pots.tokens.length; ++i) {
            // What is at 1 was paid to the receiver and never came here.
            if (i == 1) continue;
            address token = address(pots.tokens[i]);
            if (pots.amounts[i] != 0) revert ISettlement.PotNotEmpty(token, pots.amounts[i]);
            uint256 held = pots.tokens[i].balanceOf(address(this));
            if (held < pots.heldBefore[i]) revert ISettlement.HoldsLess(token, held, pots.heldBefore[i]);
        }
    }
}
